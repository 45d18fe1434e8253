import { ConflictError, NotFoundError, terminalStates } from '@trainyard/contracts';
import type { Postgres } from '../postgres/postgres.js';
import { type Sql, sql } from '../postgres/sql.js';

/*
 * Deleting a job
 *
 * Rows and files cannot be deleted in one transaction. So the rows are deleted first, all at once, and the same
 * statement inserts a row into `deletions`. A crash before the commit leaves the job complete. A crash after it
 * leaves files that no user can see, and the row in `deletions` from which the sweeper finds and removes them.
 */

/**
 * Deletes jobs with all their rows, and inserts the rows from which the sweeper removes their files. The project's
 * starts stay counted, or else it would get more than its share by deleting jobs.
 */
export const deletion = (which: Sql): Sql => sql`
  WITH deleted AS (DELETE FROM jobs WHERE ${which} RETURNING id, project, virtual_start),
  counted AS (
    INSERT INTO projects (name, last_start)
    SELECT project, max(virtual_start) FROM deleted WHERE virtual_start IS NOT NULL GROUP BY project
    ON CONFLICT (name) DO UPDATE SET last_start = greatest(projects.last_start, excluded.last_start)
  )
  INSERT INTO deletions (job_id) SELECT id FROM deleted`;

/**
 * Deletes a job that has ended, with all its rows, and inserts the row from which the sweeper removes its files.
 *
 * @throws NotFoundError; ConflictError for a job that has not ended.
 */
export async function deleteJob(postgres: Postgres, project: string, id: string): Promise<void> {
  const which = sql`id = ${id} AND project = ${project} AND state = ANY(${terminalStates}::job_state[])`;
  const deleted = await postgres.execute(deletion(which));
  if (deleted > 0) return;
  const job = await postgres.prisma.job.findUnique({ where: { id, project }, select: { state: true } });
  if (job === null) throw new NotFoundError(`job ${id}`);
  throw new ConflictError(`only a job that has ended can be deleted; job ${id} is ${job.state}: cancel it first`);
}

/** Deleted jobs whose files still have to be removed. */
export class Deletions {
  constructor(private readonly postgres: Postgres) {}

  /** Ids of such jobs, in their order, greater than `after`. */
  async list(limit: number, after = ''): Promise<string[]> {
    const rows = await this.postgres.prisma.deletion.findMany({
      where: { jobId: { gt: after } },
      orderBy: { jobId: 'asc' },
      take: limit,
    });
    return rows.map(({ jobId }) => jobId);
  }

  /**
   * The files of these jobs are removed. Rows younger than a day stay: a worker that was considered lost may still
   * write files.
   */
  async done(jobIds: string[]): Promise<void> {
    await this.postgres.execute(sql`
      DELETE FROM deletions WHERE job_id = ANY(${jobIds}::text[]) AND deleted_at < now() - interval '1 day'`);
  }
}
