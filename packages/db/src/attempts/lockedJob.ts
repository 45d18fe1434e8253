import { completeJobSpecSchema, jobStateSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { type Move, type Moved, move } from '../jobs/transitions.js';
import type { Connection, Postgres } from '../postgres/postgres.js';
import { empty, type Sql, sql } from '../postgres/sql.js';
import { StaleAttemptError } from './staleAttemptError.js';

const lockedJobSchema = z.object({
  id: z.string(),
  state: jobStateSchema,
  attempt: z.int(),
  failures: z.int(),
  maxAttempts: z.int(),
  spec: completeJobSpecSchema,
  /** Of its current attempt. */
  token: z.string(),
});
/** The row of the job that an attempt runs, locked until the transaction ends. */
export type LockedJob = z.output<typeof lockedJobSchema>;

/**
 * Runs `work` in a transaction that locks the row of the token's job: what it reads stays true, and no other
 * transaction writes the job meanwhile.
 *
 * @throws StaleAttemptError if the token is void.
 */
export function withLockedJob<T>(
  postgres: Postgres,
  token: string,
  work: (tx: Connection, job: LockedJob) => Promise<T>,
): Promise<T> {
  return lockJob(postgres, { token, ifLocked: empty }, (tx, job) => {
    if (!job) throw new StaleAttemptError();
    return work(tx, job);
  });
}

/** As withLockedJob, but waits for no other transaction: null if the token is void, or the row is locked. */
export function withJobIfFree<T>(
  postgres: Postgres,
  token: string,
  work: (tx: Connection, job: LockedJob) => Promise<T>,
): Promise<T | null> {
  return lockJob(postgres, { token, ifLocked: sql`SKIP LOCKED` }, async (tx, job) => job && work(tx, job));
}

function lockJob<T>(
  postgres: Postgres,
  { token, ifLocked }: { token: string; ifLocked: Sql },
  work: (tx: Connection, job: LockedJob | null) => Promise<T>,
): Promise<T> {
  return postgres.transaction(async (tx) => {
    const [job] = await tx.query(
      lockedJobSchema,
      sql`
      SELECT id, state::text, attempt, failures, max_attempts AS "maxAttempts", spec, token
      FROM jobs WHERE token = ${token} FOR UPDATE ${ifLocked}`,
    );
    return work(tx, job ?? null);
  });
}

export type LockedMove = Omit<Move, 'where' | 'set'> & { set?: Move['set'] };

/** Moves a locked job. */
export async function moveLocked(tx: Connection, { token }: LockedJob, change: LockedMove): Promise<Moved> {
  const moved = await move(tx, { set: [], ...change, where: sql`token = ${token}` });
  if (!moved) throw new StaleAttemptError();
  return moved;
}
