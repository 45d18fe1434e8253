import type { Failure, TrainingPosition } from '@trainyard/contracts';
import { enqueue, type Moved, noToken, setFailure } from '../jobs/transitions.js';
import { chargeTraining } from '../jobs/usage.js';
import { sql, type Transaction } from '../postgres/client.js';
import type { AttemptOutcome } from '../postgres/generated/client.js';
import { type HeldJob, type HeldMove, moveHeld } from './lockedJob.js';

/** How an attempt ends, and in which state that leaves its job. */

/** Queues the job again for another worker. */
export async function endHandedBack(
  tx: Transaction,
  token: string,
  job: HeldJob,
  cursor: TrainingPosition | null,
): Promise<Moved> {
  const moved = await moveHeld(tx, token, {
    set: [sql`state = 'queued'`, noToken],
    events: [{ type: 'handedBack', data: { cursor } }],
    nextAttempt: true,
  });
  await close(tx, job, moved, 'handedBack');
  await enqueue(tx, moved);
  return moved;
}

/** Who resumes the job gives it its next attempt. */
export async function endPaused(
  tx: Transaction,
  token: string,
  job: HeldJob,
  cursor: TrainingPosition | null,
): Promise<Moved> {
  const moved = await moveHeld(tx, token, {
    set: [sql`state = 'paused'`, noToken],
    events: [{ type: 'paused', data: { cursor } }],
  });
  await close(tx, job, moved, 'paused');
  return moved;
}

export async function endCancelled(tx: Transaction, token: string, job: HeldJob, failure?: Failure): Promise<Moved> {
  const moved = await moveHeld(tx, token, {
    set: [sql`state = 'cancelled', finished_at = now()`, noToken],
    events: [{ type: 'cancelled' }],
  });
  await close(tx, job, moved, 'cancelled', failure);
  return moved;
}

type FailedEnd = { failure: Failure; outcome: 'failed' | 'lost'; retryable: boolean };

/** Leaves the job queued, or paused where that was asked for, if attempts are left and the failure may pass; else failed. */
export async function endFailed(tx: Transaction, token: string, job: HeldJob, end: FailedEnd): Promise<Moved> {
  const { failure, outcome } = end;
  if (job.state === 'cancelling') return endCancelled(tx, token, job, failure);
  const moved = await moveHeld(tx, token, moveOf(job, end));
  await close(tx, job, moved, outcome, failure);
  if (moved.state === 'queued') await enqueue(tx, moved);
  return moved;
}

function moveOf(job: HeldJob, { failure, retryable }: FailedEnd): HeldMove {
  const failures = job.failures + 1;
  const attemptsLeft = retryable ? job.maxAttempts - failures : 0;
  const data = { ...failure, attemptsLeft };
  const counted = sql`failures = ${failures}::int`;
  if (attemptsLeft <= 0) {
    const set = [sql`state = 'failed', finished_at = now()`, counted, noToken, setFailure(failure)];
    return { set, events: [{ type: 'failed', data }] };
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
 * Writes how the attempt that held the job ended. A clock that was set back meanwhile must not keep it from ending: it
 * ends no earlier than it began.
 */
export async function close(tx: Transaction, job: HeldJob, { at }: Moved, outcome: AttemptOutcome, failure?: Failure) {
  await tx.$executeRaw`
    UPDATE attempts SET finished_at = greatest(started_at, ${at}::timestamptz), outcome = ${outcome}::attempt_outcome,
      failure_code = ${failure?.code ?? null}, failure_message = ${failure?.message ?? null}
    WHERE job_id = ${job.id} AND number = ${job.attempt}::int`;
  await chargeTraining(tx, job.id, job.attempt);
}
