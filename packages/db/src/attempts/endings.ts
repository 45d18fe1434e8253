import type { AttemptOutcome, Failure, StopReason, TrainerTest, TrainingPosition } from '@trainyard/contracts';
import { enqueue, type Moved, type NewEvent, noToken, setFailure } from '../jobs/transitions.js';
import { chargeTraining } from '../jobs/usage.js';
import type { Connection } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { storeResults } from '../results/storeResults.js';
import { type LockedJob, type LockedMove, moveLocked } from './lockedJob.js';

/*
 * How an attempt ends, and the state in which that leaves its job. Each function ends the attempt of a locked job.
 */

/** Queues the job for another worker. */
export async function endHandedBack(tx: Connection, job: LockedJob, cursor: TrainingPosition | null): Promise<Moved> {
  const moved = await moveLocked(tx, job, {
    set: [sql`state = 'queued'`, noToken],
    events: [{ type: 'handedBack', data: { cursor } }],
    nextAttempt: true,
  });
  await close(tx, job, moved, 'handedBack');
  await enqueue(tx, moved);
  return moved;
}

/** No next attempt number here: `resume` gives the job its next attempt. */
export async function endPaused(tx: Connection, job: LockedJob, cursor: TrainingPosition | null): Promise<Moved> {
  const moved = await moveLocked(tx, job, {
    set: [sql`state = 'paused'`, noToken],
    events: [{ type: 'paused', data: { cursor } }],
  });
  await close(tx, job, moved, 'paused');
  return moved;
}

export async function endCancelled(tx: Connection, job: LockedJob, failure?: Failure): Promise<Moved> {
  const moved = await moveLocked(tx, job, {
    set: [sql`state = 'cancelled', finished_at = now()`, noToken],
    events: [{ type: 'cancelled' }],
  });
  await close(tx, job, moved, 'cancelled', failure);
  return moved;
}

/** Ends the job with its test; a job that is being cancelled ends as cancelled, without the test. */
export async function endSucceeded(
  tx: Connection,
  job: LockedJob,
  results: TrainerTest,
  stopped: StopReason | null,
): Promise<Moved> {
  if (job.state === 'cancelling') return endCancelled(tx, job);
  const moved = await moveLocked(tx, job, {
    set: [sql`state = 'succeeded', finished_at = now(), stopped = ${stopped}`, noToken],
    events: [testedEvent(results), { type: 'succeeded', ...(stopped && { data: { stopped } }) }],
  });
  await close(tx, job, moved, 'succeeded');
  await storeResults(tx, job, moved.at, results);
  return moved;
}

const testedEvent = ({ classes: _, confusion: __, predictions: ___, ...overall }: TrainerTest): NewEvent => ({
  type: 'tested',
  data: overall,
});

type FailedEnd = {
  failure: Failure;
  outcome: 'failed' | 'lost';
  retryable: boolean;
  /** The test of the best weights before the failure. */
  results?: TrainerTest | null;
};

/**
 * Leaves the job queued if the failure is retryable and attempts are left, or paused if it was pausing; otherwise
 * failed, with the test that it has. A job that is being cancelled ends as cancelled.
 */
export async function endFailed(tx: Connection, job: LockedJob, end: FailedEnd): Promise<Moved> {
  const { failure, outcome } = end;
  if (job.state === 'cancelling') return endCancelled(tx, job, failure);
  const moved = await moveLocked(tx, job, moveAfterFailure(job, end));
  await close(tx, job, moved, outcome, failure);
  if (moved.state === 'queued') await enqueue(tx, moved);
  if (moved.state === 'failed' && end.results) await storeResults(tx, job, moved.at, end.results);
  return moved;
}

function moveAfterFailure(job: LockedJob, { failure, retryable, results }: FailedEnd): LockedMove {
  const failures = job.failures + 1;
  const attemptsLeft = retryable ? job.maxAttempts - failures : 0;
  const data = { ...failure, attemptsLeft };
  const counted = sql`failures = ${failures}::int`;
  if (attemptsLeft <= 0) {
    const set = [sql`state = 'failed', finished_at = now()`, counted, noToken, setFailure(failure)];
    return { set, events: [...(results ? [testedEvent(results)] : []), { type: 'failed', data }] };
  }
  if (job.state === 'pausing') {
    const events = [
      { type: 'attemptFailed' as const, data },
      { type: 'paused' as const, data: { cursor: null } },
    ];
    return { set: [sql`state = 'paused'`, counted, noToken], events };
  }
  return {
    set: [sql`state = 'queued'`, counted, noToken],
    events: [{ type: 'attemptFailed', data }],
    nextAttempt: true,
  };
}

/**
 * Writes the outcome of the job's attempt. If the clock was set back meanwhile, the attempt ends when it started: never
 * earlier, which a CHECK would refuse.
 */
async function close(tx: Connection, job: LockedJob, { at }: Moved, outcome: AttemptOutcome, failure?: Failure) {
  await tx.execute(sql`
    UPDATE attempts SET finished_at = greatest(started_at, ${at}::timestamptz), outcome = ${outcome}::attempt_outcome,
      failure_code = ${failure?.code ?? null}, failure_message = ${failure?.message ?? null}
    WHERE job_id = ${job.id} AND number = ${job.attempt}::int`);
  await chargeTraining(tx, job.id, job.attempt);
}
