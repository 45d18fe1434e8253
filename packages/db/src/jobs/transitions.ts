import { type Failure, type JobEventType, jobStateSchema } from '@trainyard/contracts';
import { z } from 'zod';
import type { Connection } from '../postgres/postgres.js';
import { empty, join, json, type Sql, sql } from '../postgres/sql.js';

/*
 * The states of a job
 *
 * A new job is `queued`. A worker that takes its delivery opens an attempt, and the job is `running` under that
 * attempt's token. From there
 *   - the trainer tests the best weights: `succeeded`;
 *   - the trainer fails: `queued` again for the next attempt if the failure is retryable and attempts are left (a
 *     failure uses one up), otherwise `failed`;
 *   - the worker shuts down and hands the job back: `queued` again; this uses no attempt up;
 *   - the worker's heartbeats stop: the same as a retryable failure;
 *   - the user pauses: `pausing`; then, once the attempt was handed back with a checkpoint or has failed retryably,
 *     `paused`; a resume queues it again. A queued job becomes `paused` at once. A resume of a job that is still
 *     `pausing` makes it `running` again; if its worker is already handing it back, that queues it;
 *   - the user cancels: `cancelling`; then, however the attempt ends (stopped, finished, failed or lost), `cancelled`.
 *     A queued job becomes `cancelled` at once.
 * `succeeded`, `failed` and `cancelled` are terminal. A retry makes a failed or cancelled job `queued` again: it keeps
 * its earlier attempts and resumes from its newest checkpoint.
 *
 * Each way back to `queued` gives the job the next attempt number and inserts a row into the outbox. A job has a token
 * exactly while it is running, pausing or cancelling. Every write of an attempt names its token, so the attempt loses
 * the ability to write in the very statement that ends it.
 *
 * Every arrow is one conditional UPDATE of the job's row, together with its event: `move`.
 */

export type NewEvent = { type: JobEventType; data?: Record<string, unknown> };

const movedSchema = z.object({
  id: z.string(),
  state: jobStateSchema,
  attempt: z.int(),
  priority: z.int(),
  /** The database's time of this transaction. */
  at: z.date(),
});
/** A job's row right after a move. */
export type Moved = z.output<typeof movedSchema>;

export type Move = {
  /** Selects the row, and the state in which it has to be. */
  where: Sql;
  /** Assignments to columns of `jobs`. */
  set: Sql[];
  /** Events to insert, in order. They are numbered without gaps, because the row is locked until the commit. */
  events: NewEvent[];
  /** Gives the job the next attempt number; the events still belong to the attempt before. */
  nextAttempt?: boolean;
};

/** Changes the job's row and inserts the events, in one statement; null if no row matches `where`. */
export async function move(tx: Connection, change: Move): Promise<Moved | null> {
  const [moved] = await moveAll(tx, change);
  return moved ?? null;
}

/** The same for every row that matches. */
export function moveAll(tx: Connection, { where, set, events, nextAttempt = false }: Move): Promise<Moved[]> {
  const advance = nextAttempt ? sql`, attempt = attempt + 1` : empty;
  return tx.query(
    movedSchema,
    sql`
    WITH moved AS (
      UPDATE jobs
      SET ${join([...set, sql`event_count = event_count + ${events.length}::int`])}, updated_at = now() ${advance}
      WHERE ${where}
      RETURNING id, state::text, attempt, priority, event_count, updated_at AS at
    ), new_events AS (
      INSERT INTO events (job_id, sequence, type, at, attempt, data)
      SELECT moved.id, moved.event_count - ${events.length}::int + event.ordinality,
        (event.value ->> 'type')::event_type, moved.at, moved.attempt - ${nextAttempt ? 1 : 0}::int,
        coalesce(event.value -> 'data', '{}')
      FROM moved, jsonb_array_elements(${json(events)}) WITH ORDINALITY AS event
    )
    SELECT id, state, attempt, priority, at FROM moved`,
  );
}

/** Inserts the outbox row from which the relay adds the job's attempt to the queue. */
export async function enqueue(tx: Connection, moved: Moved): Promise<void> {
  await enqueueAll(tx, [moved]);
}

export async function enqueueAll(tx: Connection, moved: Moved[]): Promise<void> {
  const data = moved.map(({ id, attempt, priority }) => ({ jobId: id, attempt, priority }));
  await tx.prisma.outbox.createMany({ data });
}

export const noToken = sql`token = NULL, heartbeat_at = NULL`;
export const noFailure = sql`failure_code = NULL, failure_message = NULL`;
export const setFailure = ({ code, message }: Failure): Sql =>
  sql`failure_code = ${code}, failure_message = ${message}`;
