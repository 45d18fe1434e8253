import { type Failure, isRetryable, type StagedCheckpoint, type TestResults } from '@trainyard/contracts';
import { type CommittedCheckpoint, StaleAttemptError } from '@trainyard/db';
import { TrainerDied } from '../supervision/trainerProcess.js';
import type { AttemptContext, TrainerRun } from './attemptContext.js';
import { storeCheckpoint } from './checkpointFiles.js';
import { retryWrite } from './retryWrite.js';

/*
 * Each of these functions writes one outcome of an attempt to the database, and to the metrics and the log.
 */

/** Seconds of retries for a hand-back while the worker shuts down. */
const shutdownSeconds = 2;

/** Gives the job back to the queue, or pauses it, with the checkpoint from which the next attempt resumes. */
export async function handBack(run: TrainerRun, checkpoint: StagedCheckpoint | null): Promise<void> {
  // A process that shuts down has only seconds left. If the write fails, the job gets its next attempt all the same,
  // after missed heartbeats.
  const seconds = run.shutdown.aborted ? shutdownSeconds : undefined;
  const write = (committed: CommittedCheckpoint | null) =>
    retryWrite(run.log, () => run.context.database.attempts.handBack(run.token, committed), seconds);
  if (checkpoint) await storeCheckpoint(run, checkpoint, write);
  else await write(null);
  run.context.metrics.ended('handed_back');
  run.log.info({ cursor: checkpoint?.manifest.cursor ?? null }, 'attempt handed back');
}

export async function succeed({ context, token, log }: TrainerRun, results: TestResults): Promise<void> {
  log.info({ accuracy: results.accuracy }, 'tested');
  const { state } = await retryWrite(log, () => context.database.attempts.succeed(token, results));
  context.metrics.ended(state === 'cancelled' ? 'cancelled' : 'succeeded');
}

export async function cancelled({ context, token, log }: TrainerRun): Promise<void> {
  await retryWrite(log, () => context.database.attempts.cancelled(token));
  context.metrics.ended('cancelled');
  log.info('attempt cancelled');
}

export async function fail({ context, token, log }: AttemptContext, failure: Failure): Promise<void> {
  const retryable = isRetryable(failure.code);
  log.error({ failure, retryable }, 'attempt failed');
  await retryWrite(log, () => context.database.attempts.fail(token, failure, { retryable }));
  context.metrics.ended('failed', failure.code);
}

/** Another attempt owns the job. */
async function stale({ context, log, jobId, attempt }: AttemptContext): Promise<void> {
  context.metrics.ended('stale');
  log.warn('attempt is stale: another attempt owns the job; nothing more is written');
  await retryWrite(log, () => context.database.attempts.recordRefused({ jobId, attempt }));
}

/** An error of the worker itself, for example a full disk. */
const workerError = (error: unknown): Failure => ({
  code: 'worker_error',
  message: `the worker could not run the job: ${error instanceof Error ? error.message : error}`,
});

/** Ends an attempt whose trainer died before its last message, or whose outcome could not be written. */
export async function endAfterError(run: TrainerRun, error: unknown): Promise<void> {
  if (run.stale || error instanceof StaleAttemptError) await stale(run);
  else if (run.requested === 'cancel') await cancelled(run);
  else if (run.requested === 'suspend') await handBack(run, null);
  else await fail(run, error instanceof TrainerDied ? error.failure : workerError(error));
}
