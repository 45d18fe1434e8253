import { type Failure, isRetryable, type StagedCheckpoint, type TestResults } from '@trainyard/contracts';
import { type NewCheckpoint, StaleAttemptError } from '@trainyard/db';
import { type Owner, store } from './checkpointFiles.js';
import { persistently } from './persistently.js';
import type { Run } from './run.js';
import { TrainerDied } from './trainerProcess.js';

/** How an attempt ends, told to the database. */

/** How long a hand-back is tried where the database is away and the process is to end. */
const closingSeconds = 2;

export async function handBack(run: Run, checkpoint: StagedCheckpoint | null): Promise<void> {
  // A process that is to end has seconds left; without a word in the database the job is taken for lost, and goes on
  // all the same.
  const patience = run.shutdown.aborted ? closingSeconds : undefined;
  const write = (committed: NewCheckpoint | null) =>
    persistently(run.log, () => run.yard.database.attempts.handBack(run.token, committed), patience);
  if (checkpoint) await store(run, checkpoint, write);
  else await write(null);
  run.yard.metrics.ended('handed_back');
  run.log.info({ cursor: checkpoint?.manifest.cursor ?? null }, 'handed back');
}

export async function succeed({ yard, token, log }: Run, results: TestResults): Promise<void> {
  log.info({ accuracy: results.accuracy }, 'tested');
  const { state } = await persistently(log, () => yard.database.attempts.succeed(token, results));
  yard.metrics.ended(state === 'cancelled' ? 'cancelled' : 'succeeded');
}

export async function cancelled({ yard, token, log }: Run): Promise<void> {
  await persistently(log, () => yard.database.attempts.cancelled(token));
  yard.metrics.ended('cancelled');
  log.info('cancelled');
}

export async function fail({ yard, token, log }: Owner, failure: Failure): Promise<void> {
  const retryable = isRetryable(failure.code);
  log.error({ failure, retryable }, 'the attempt failed');
  await persistently(log, () => yard.database.attempts.fail(token, failure, { retryable }));
  yard.metrics.ended('failed', failure.code);
}

export async function refused({ yard, log, jobId, attempt }: Owner): Promise<void> {
  yard.metrics.ended('stale');
  log.warn('another attempt owns the job; this one writes nothing more');
  await persistently(log, () => yard.database.attempts.tellRefused({ jobId, attempt }));
}

/** What went wrong around the trainer, as where the disk takes no folder. */
export const workerError = (error: unknown): Failure => ({
  code: 'worker_error',
  message: `the worker could not run the job: ${error instanceof Error ? error.message : error}`,
});

/** The attempt ended without the trainer's last word, or without that word in the database. */
export async function concludeError(run: Run, error: unknown): Promise<void> {
  if (run.stale || error instanceof StaleAttemptError) await refused(run);
  else if (run.asked === 'cancel') await cancelled(run);
  else if (run.asked === 'suspend') await handBack(run, null);
  else await fail(run, error instanceof TrainerDied ? error.failure : workerError(error));
}
