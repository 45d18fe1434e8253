import type { AttemptKey, Delivery } from '@trainyard/contracts';
import { type Client, type Sql, sql } from '../postgres/client.js';

type OutboxRow = Delivery & { id: bigint };

/**
 * Hands the oldest rows to `publish`, and deletes them once it is done; if it throws, they stay. Several processes may
 * take at once: each gets other rows. A crash between the two publishes a row again, which the queue ignores.
 *
 * @returns how many were published.
 */
async function take(client: Client, limit: number, publish: (rows: Delivery[]) => Promise<void>): Promise<number> {
  return client.$transaction(async (tx) => {
    const rows = await tx.$queryRaw<OutboxRow[]>`
      SELECT id, job_id AS "jobId", attempt, priority FROM outbox ORDER BY id LIMIT ${limit}::int FOR UPDATE SKIP LOCKED`;
    if (rows.length === 0) return 0;
    await publish(rows.map(({ jobId, attempt, priority }) => ({ jobId, attempt, priority })));
    await tx.$executeRaw`DELETE FROM outbox WHERE id = ANY(${rows.map(({ id }) => id)}::bigint[])`;
    return rows.length;
  });
}

/** The jobs that wait for a worker, in the order in which they start. */
async function queued(client: Client, limit: number): Promise<Delivery[]> {
  return await client.$queryRaw<Delivery[]>(queuedStatement(limit));
}

export const queuedStatement = (limit: number): Sql => sql`
  SELECT id AS "jobId", attempt, priority FROM jobs WHERE state = 'queued'
  ORDER BY priority DESC, created_at, id LIMIT ${limit}::int`;

/** Those of the attempts that no queued job waits for. */
async function notQueued<T extends AttemptKey>(client: Client, attempts: T[]): Promise<T[]> {
  const waiting = await client.job.findMany({
    where: { state: 'queued', id: { in: attempts.map(({ jobId }) => jobId) } },
    select: { id: true, attempt: true },
  });
  const next = new Map(waiting.map(({ id, attempt }) => [id, attempt]));
  return attempts.filter(({ jobId, attempt }) => next.get(jobId) !== attempt);
}

export const outbox = (client: Client) => ({
  take: (limit: number, publish: (rows: Delivery[]) => Promise<void>) => take(client, limit, publish),
  queued: (limit: number) => queued(client, limit),
  notQueued: <T extends AttemptKey>(attempts: T[]) => notQueued(client, attempts),
});
