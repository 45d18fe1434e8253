import type { Client } from '../postgres/client.js';

/** What an operator watches of the database's rows; seconds. */
export type Statistics = {
  /** Jobs that wait for a worker, and how long the first of them has. */
  queued: number;
  longestWait: number;
  /** Jobs that a worker holds. */
  held: number;
  /** Deliveries that the queue has not been told of yet. */
  outbox: number;
  workersAlive: number;
  /** Of deleted jobs, remembered for a day. */
  deletions: number;
};

/** Read off indexes: fit to be asked every few seconds. */
export async function statistics(client: Client): Promise<Statistics> {
  const [row] = await client.$queryRaw<[Statistics]>`
    SELECT waiting.count AS queued, waiting.longest AS "longestWait",
      (SELECT count(*)::int FROM jobs WHERE token IS NOT NULL) AS held,
      (SELECT count(*)::int FROM outbox) AS outbox,
      (SELECT count(*)::int FROM workers WHERE heartbeat_at > now() - interval '10 seconds') AS "workersAlive",
      (SELECT count(*)::int FROM deletions) AS deletions
    FROM (
      SELECT count(*)::int AS count, coalesce(max(extract(epoch FROM now() - updated_at)), 0)::float8 AS longest
      FROM jobs WHERE state = 'queued'
    ) AS waiting`;
  return row;
}
