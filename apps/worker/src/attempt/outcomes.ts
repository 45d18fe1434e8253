import {
  type Failure,
  isRetryable,
  type StagedCheckpoint,
  type StopReason,
  type TrainerTest,
} from '@trainyard/contracts';
import { type CommittedCheckpoint, LostEpochsError, refusalOf, StaleAttemptError } from '@trainyard/db';
import { storageFault } from '@trainyard/process';
import { TrainerDied } from '../supervision/trainerProcess.js';
import { folderFault } from '../workerContext.js';
import type { AttemptContext, TrainerRun } from './attemptContext.js';
import { storeCheckpoint } from './checkpointFiles.js';
import { retryWrite } from './retryWrite.js';

/*
 * Each of these functions writes one outcome of an attempt to the database, and to the metrics and the log.
 */

/** Seconds of retries for a hand-back while the worker shuts down. */
const shutdownSeconds = 2;

/** Gives the job back to the queue, or pauses it, with the checkpoint from which the next attempt resumes. */
export async function handBack(
  run: AttemptContext & Partial<Pick<TrainerRun, 'shutdown'>>,
  checkpoint: StagedCheckpoint | null,
): Promise<void> {
  // A process that shuts down has only seconds left. If the write fails, the job gets its next attempt all the same,
  // after missed heartbeats.
  const seconds = run.shutdown?.aborted ? shutdownSeconds : undefined;
  const write = (committed: CommittedCheckpoint | null) =>
    retryWrite(run.log, () => run.context.database.attempts.handBack(run.token, committed), seconds);
  if (checkpoint) await storeCheckpoint(run, checkpoint, write);
  else await write(null);
  run.context.metrics.ended('handed_back');
  run.log.info({ cursor: checkpoint?.manifest.cursor ?? null }, 'attempt handed back');
}

export async function succeed(
  { context, token, log, epochs }: TrainerRun,
  { results, stopped }: { results: TrainerTest; stopped: StopReason | null },
): Promise<void> {
  log.info({ accuracy: results.accuracy, stopped }, 'tested');
  const { state } = await retryWrite(log, () => context.database.attempts.succeed(token, results, { epochs, stopped }));
  context.metrics.ended(state === 'cancelled' ? 'cancelled' : 'succeeded');
}

export async function cancelled({ context, token, log }: TrainerRun): Promise<void> {
  await retryWrite(log, () => context.database.attempts.cancelled(token));
  context.metrics.ended('cancelled');
  log.info('attempt cancelled');
}

/** @param results the test of the best weights before the failure */
export async function fail(
  { context, token, log }: AttemptContext,
  failure: Failure,
  results: TrainerTest | null = null,
): Promise<void> {
  const retryable = isRetryable(failure.code);
  log.error({ failure, retryable, accuracy: results?.accuracy }, 'attempt failed');
  await retryWrite(log, () => context.database.attempts.fail(token, failure, { retryable, results }));
  context.metrics.ended('failed', failure.code);
}

/** Another attempt owns the job. */
async function stale({ context, log, jobId, attempt }: AttemptContext): Promise<void> {
  context.metrics.ended('stale');
  log.warn('attempt is stale: another attempt owns the job; nothing more is written');
  await retryWrite(log, () => context.database.attempts.recordRefused({ jobId, attempt }));
}

/** The database has lost rows that the attempt builds on: the next attempt goes on from what it has. */
async function handBackAfterLoss(run: TrainerRun, error: LostEpochsError): Promise<void> {
  const { context, token, log } = run;
  log.warn({ err: error }, 'the database has lost epochs of this attempt');
  const warning = { code: 'epochs_lost', message: error.message };
  await retryWrite(log, () => context.database.attempts.warning(token, warning));
  await handBack(run, null);
}

/** The message of an error, which users see; of a file operation, without the paths of this machine. */
function withoutPath(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall, path, message } = error as NodeJS.ErrnoException;
  return path === undefined ? message : `${code} (${syscall})`;
}

/** An error of the worker itself, for example a full disk. */
function workerError(error: unknown): Failure {
  const refusal = refusalOf(error);
  const message = storageFault(error) ?? withoutPath(error);
  const what = refusal === null ? `the worker could not run the job: ${message}` : `the database refused: ${refusal}`;
  return { code: 'worker_error', message: what };
}

/** Ends an attempt after an error of this worker. */
export async function endAfterWorkerError(attemptContext: AttemptContext, error: unknown): Promise<void> {
  attemptContext.log.error({ err: error }, 'error of the worker');
  await failUnlessUnusable(attemptContext, workerError(error));
}

/**
 * Fails an attempt, unless the worker cannot use its folders: the job is handed back then. That is no failure of the
 * job, and another worker may run it.
 */
export async function failUnlessUnusable(attemptContext: AttemptContext, failure: Failure): Promise<void> {
  const { context, token, log } = attemptContext;
  const message = await folderFault(context);
  if (message === null) return fail(attemptContext, failure);
  log.error({ failure, reason: message }, 'the worker cannot use its folders; the job is handed back');
  await retryWrite(log, () => context.database.attempts.warning(token, { code: 'worker_unusable', message }));
  await handBack(attemptContext, null);
}

/**
 * Ends an attempt whose trainer died before its last message, or whose outcome could not be written.
 * @returns whether it was an error of the worker.
 */
export async function endAfterError(run: TrainerRun, error: unknown): Promise<boolean> {
  if (!run.stale && error instanceof LostEpochsError) await handBackAfterLoss(run, error);
  else if (run.stale || error instanceof StaleAttemptError) await stale(run);
  else if (run.requested === 'cancel') await cancelled(run);
  else if (run.requested === 'suspend') await handBack(run, null);
  else if (error instanceof TrainerDied) await fail(run, error.failure);
  else {
    await endAfterWorkerError(run, error);
    return true;
  }
  return false;
}
