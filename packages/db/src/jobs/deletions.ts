import { ConflictError, NotFoundError, terminalStates } from '@trainyard/contracts';
import type { Client } from '../postgres/client.js';

/*
 * Deleting a job
 *
 * Rows and files cannot go in one transaction. So the rows go first, all at once, and the same statement leaves word in
 * `deletions` that files are to go. A crash before the commit leaves the job whole; one after it leaves files that nobody
 * sees, and a word by which the sweeper finds them.
 */

/**
 * Deletes a job that has ended, with all its rows, and leaves word that its files are to go.
 *
 * @throws NotFoundError; ConflictError for a job that has not ended.
 */
export async function deleteRows(client: Client, project: string, id: string): Promise<void> {
  const deleted = await client.$executeRaw`
    WITH gone AS (
      DELETE FROM jobs WHERE id = ${id} AND project = ${project} AND state = ANY(${terminalStates}::job_state[]) RETURNING id
    )
    INSERT INTO deletions (job_id) SELECT id FROM gone`;
  if (deleted > 0) return;
  const job = await client.job.findUnique({ where: { id, project }, select: { state: true } });
  if (job === null) throw new NotFoundError(`job ${id}`);
  throw new ConflictError(`only a job that has ended can be deleted; job ${id} is ${job.state}: cancel it first`);
}

/** Jobs whose files are to go, by their ids, after the one given. */
async function list(client: Client, limit: number, after: string): Promise<string[]> {
  const rows = await client.deletion.findMany({
    where: { jobId: { gt: after } },
    orderBy: { jobId: 'asc' },
    take: limit,
  });
  return rows.map(({ jobId }) => jobId);
}

/** The files of these jobs are gone. What was deleted within a day is remembered: a worker that was taken for lost may write yet. */
async function done(client: Client, jobIds: string[]): Promise<void> {
  await client.$executeRaw`
    DELETE FROM deletions WHERE job_id = ANY(${jobIds}::text[]) AND deleted_at < now() - interval '1 day'`;
}

export const deletions = (client: Client) => ({
  list: (limit: number, after = '') => list(client, limit, after),
  done: (jobIds: string[]) => done(client, jobIds),
});
