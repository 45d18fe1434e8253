import { terminalStates } from '@trainyard/contracts';
import { type Client, type Sql, sql } from '../postgres/client.js';

/** Events a statement at most, so that none holds its locks for long. */
const batch = 10_000;

const endedBefore = (days: number): Sql => sql`finished_at < now() - make_interval(days => ${days}::int)`;

/**
 * Deletes events of jobs that ended more than `days` ago and that tell nothing that other rows do not tell: of epochs,
 * checkpoints and tests. What happened to the job stays, under the numbers that it had.
 *
 * @returns how many.
 */
async function pruneEvents(client: Client, days: number): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await client.$executeRaw`
      WITH told AS (
        SELECT job_id, sequence FROM jobs JOIN events ON events.job_id = jobs.id
        WHERE ${endedBefore(days)} AND events.type IN ('epoch', 'checkpoint', 'tested')
        LIMIT ${batch}::int
      )
      DELETE FROM events USING told WHERE events.job_id = told.job_id AND events.sequence = told.sequence`;
    total += count;
    if (count < batch) return total;
  }
}

/**
 * Deletes the rows of all checkpoints but the best of jobs that ended more than `days` ago.
 *
 * @returns their keys; their files can go.
 */
async function pruneCheckpoints(client: Client, days: number): Promise<string[]> {
  const rows = await client.$queryRaw<{ key: string }[]>`
    DELETE FROM checkpoints USING jobs WHERE jobs.id = checkpoints.job_id AND NOT best AND ${endedBefore(days)}
    RETURNING key`;
  return rows.map(({ key }) => key);
}

/**
 * Those of the keys (`jobs/<job>/...`) that no checkpoint has, of jobs that have ended. Of a job that may still run,
 * files may wait for their row; of one that is not here at all, another database may know.
 */
async function orphans(client: Client, keys: string[]): Promise<string[]> {
  const rows = await client.$queryRaw<{ key: string }[]>`
    SELECT given.key FROM unnest(${keys}::text[]) AS given(key) JOIN jobs ON jobs.id = split_part(given.key, '/', 2)
    WHERE jobs.state = ANY(${terminalStates}::job_state[])
      AND NOT EXISTS (SELECT FROM checkpoints WHERE checkpoints.key = given.key)`;
  return rows.map(({ key }) => key);
}

/** Those of the jobs that no worker holds. */
async function idle(client: Client, jobIds: string[]): Promise<string[]> {
  const held = await client.job.findMany({ where: { id: { in: jobIds }, token: { not: null } }, select: { id: true } });
  const busy = new Set(held.map(({ id }) => id));
  return jobIds.filter((id) => !busy.has(id));
}

export const retention = (client: Client) => ({
  pruneEvents: (days: number) => pruneEvents(client, days),
  pruneCheckpoints: (days: number) => pruneCheckpoints(client, days),
  orphans: (keys: string[]) => orphans(client, keys),
  idle: (jobIds: string[]) => idle(client, jobIds),
});
