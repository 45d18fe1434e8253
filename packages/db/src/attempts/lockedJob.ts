import type { JobSpec, JobState } from '@trainyard/contracts';
import { type Move, type Moved, move } from '../jobs/transitions.js';
import { type Client, sql, type Transaction } from '../postgres/client.js';
import { StaleAttemptError } from './errors.js';

/** The row of the job that an attempt holds, locked until the transaction ends. */
export type HeldJob = {
  id: string;
  state: JobState;
  attempt: number;
  failures: number;
  maxAttempts: number;
  spec: JobSpec;
};

/** Runs `work` while the row of the token's job is locked: what it reads stays true, and nobody writes between. */
export function hold<T>(
  client: Client,
  token: string,
  work: (tx: Transaction, job: HeldJob) => Promise<T>,
): Promise<T> {
  return client.$transaction(async (tx) => {
    const [job] = await tx.$queryRaw<HeldJob[]>`
      SELECT id, state::text, attempt, failures, max_attempts AS "maxAttempts", spec
      FROM jobs WHERE token = ${token} FOR UPDATE`;
    if (!job) throw new StaleAttemptError();
    return work(tx, job);
  });
}

export type HeldMove = Omit<Move, 'where' | 'set'> & { set?: Move['set'] };

/** Moves the job that the token holds. */
export async function moveHeld(tx: Transaction, token: string, change: HeldMove): Promise<Moved> {
  const moved = await move(tx, { set: [], ...change, where: sql`token = ${token}` });
  if (!moved) throw new StaleAttemptError();
  return moved;
}
