import { ConflictError, NotFoundError, terminalStates } from '@trainyard/contracts';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

/*
 * Deleting a job
 *
 * Rows and files cannot be deleted in one transaction. So the rows are deleted first, all at once, and the same
 * statement inserts a row into `deletions`. A crash before the commit leaves the job complete. A crash after it
 * leaves files that no user can see, and the row in `deletions` from which the sweeper finds and removes them.
 */

/**
 * Deletes a job that has ended, with all its rows, and inserts the row from which the sweeper removes its files.
 *
 * @throws NotFoundError; ConflictError for a job that has not ended.
 */
export async function deleteJob(postgres: Postgres, project: string, id: string): Promise<void> {
  const deleted = await postgres.execute(sql`
    WITH deleted AS (
      DELETE FROM jobs WHERE id = ${id} AND project = ${project} AND state = ANY(${terminalStates}::job_state[])
      RETURNING id
    )
    INSERT INTO deletions (job_id) SELECT id FROM deleted`);
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
