import type { Failure, JobEventType, JobState } from '@trainyard/contracts';
import { empty, join, json, type Sql, sql, type Transaction } from '../postgres/client.js';

/*
 * The states of a job
 *
 * A job is made `queued`. A worker that takes its delivery opens an attempt, and the job is `running` under that attempt's
 * token. From there
 *   - the trainer tests the best weights: `succeeded`;
 *   - the trainer fails: `queued` again for the next attempt if the failure may pass and attempts are left (a failure
 *     counts one), else `failed`;
 *   - the worker is told to stop and hands the job back: `queued` again; that counts nothing;
 *   - the worker's heartbeats stop: as a failure that may pass;
 *   - the user pauses: `pausing`, then, when the attempt was handed back with a checkpoint, or failed in a way that may pass,
 *     `paused`; a resume queues it again. A queued job is `paused` at once. A resume while it is still `pausing` makes it
 *     `running` again, though its worker may have begun to hand it back by then, which then queues it;
 *   - the user cancels: `cancelling`, and then, whatever the attempt comes to (stopped, finished, failed or lost),
 *     `cancelled`. A queued job is `cancelled` at once.
 * `succeeded`, `failed` and `cancelled` are terminal; a retry makes a failed or cancelled job `queued` again, with all its
 * attempts before it, and it goes on from its newest checkpoint.
 *
 * Each way back to `queued` gives the job the next attempt number and writes a row to the outbox. A job has a token exactly
 * while it is running, pausing or cancelling; every write of an attempt names its token, so it stops being able to write in the very
 * statement that ends it.
 *
 * Every arrow is one conditional UPDATE of the job's row together with its event: `move`.
 */

export type NewEvent = { type: JobEventType; data?: Record<string, unknown> };

/** What a job's row says right after a move. */
export type Moved = {
  id: string;
  state: JobState;
  attempt: number;
  priority: number;
  /** The database's time of this transaction. */
  at: Date;
};

export type Move = {
  /** Which row, and in which state it has to be. */
  where: Sql;
  /** Assignments to columns of `jobs`. */
  set: Sql[];
  /** What to tell, in order; numbered without gaps because the row's lock is held until the commit. */
  events: NewEvent[];
  /** Gives the job the next attempt number; the events still belong to the one before. */
  nextAttempt?: boolean;
};

/** Changes the job's row and tells the events in one statement; null if no row is as `where` asks. */
export async function move(tx: Transaction, { where, set, events, nextAttempt = false }: Move): Promise<Moved | null> {
  const advance = nextAttempt ? sql`, attempt = attempt + 1` : empty;
  const rows = await tx.$queryRaw<Moved[]>`
    WITH moved AS (
      UPDATE jobs
      SET ${join([...set, sql`event_count = event_count + ${events.length}::int`])}, updated_at = now() ${advance}
      WHERE ${where}
      RETURNING id, state::text, attempt, priority, event_count, updated_at AS at
    ), told AS (
      INSERT INTO events (job_id, sequence, type, at, attempt, data)
      SELECT moved.id, moved.event_count - ${events.length}::int + event.ordinality,
        (event.value ->> 'type')::event_type, moved.at, moved.attempt - ${nextAttempt ? 1 : 0}::int,
        coalesce(event.value -> 'data', '{}')
      FROM moved, jsonb_array_elements(${json(events)}) WITH ORDINALITY AS event
    )
    SELECT id, state, attempt, priority, at FROM moved`;
  return rows[0] ?? null;
}

/** Leaves word for the relay that the queue is to deliver the job's attempt. */
export async function enqueue(tx: Transaction, { id, attempt, priority }: Moved): Promise<void> {
  await tx.outbox.create({ data: { jobId: id, attempt, priority } });
}

export const noToken = sql`token = NULL, heartbeat_at = NULL`;
export const noFailure = sql`failure_code = NULL, failure_message = NULL`;
export const setFailure = ({ code, message }: Failure): Sql =>
  sql`failure_code = ${code}, failure_message = ${message}`;
