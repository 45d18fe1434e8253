import { terminalStates } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { type Sql, sql } from '../postgres/sql.js';

/** Maximum number of events that one statement deletes, so that none keeps its locks for long. */
const batch = 10_000;

const keyRowSchema = z.object({ key: z.string() });

const endedBefore = (days: number): Sql => sql`finished_at < now() - make_interval(days => ${days}::int)`;

/** What may be deleted of jobs that still exist: old rows, and files that no row needs. */
export class Retention {
  constructor(private readonly postgres: Postgres) {}

  /**
   * Deletes events of epochs, checkpoints and tests of jobs that ended more than `days` ago: other rows hold the same
   * data. Events of the job's states stay, with their sequence numbers.
   *
   * @returns the number of deleted events.
   */
  async pruneEvents(days: number): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await this.postgres.execute(sql`
        WITH redundant AS (
          SELECT job_id, sequence FROM jobs JOIN events ON events.job_id = jobs.id
          WHERE ${endedBefore(days)} AND events.type IN ('epoch', 'checkpoint', 'tested')
          LIMIT ${batch}::int
        )
        DELETE FROM events USING redundant
        WHERE events.job_id = redundant.job_id AND events.sequence = redundant.sequence`);
      total += count;
      if (count < batch) return total;
    }
  }

  /**
   * Deletes the rows of all checkpoints except the best, of jobs that ended more than `days` ago.
   *
   * @returns their keys; their files can be removed.
   */
  async pruneCheckpoints(days: number): Promise<string[]> {
    const rows = await this.postgres.query(
      keyRowSchema,
      sql`
      DELETE FROM checkpoints USING jobs WHERE jobs.id = checkpoints.job_id AND NOT best AND ${endedBefore(days)}
      RETURNING key`,
    );
    return rows.map(({ key }) => key);
  }

  /**
   * Those of the keys (`jobs/<job>/...`) that no checkpoint has.
   *
   * The sweeper may remove `endedJobs` only: for a job that may still run, files may be waiting for their row, and a
   * job that is not in this database may be in another one. The worker that runs a job may remove any of the job's.
   *
   * @param of whether to return keys of jobs that have ended only.
   */
  async orphans(keys: string[], of: 'endedJobs' | 'allJobs'): Promise<string[]> {
    const ended = sql`EXISTS (
      SELECT FROM jobs WHERE id = split_part(given.key, '/', 2) AND state = ANY(${terminalStates}::job_state[]))`;
    const rows = await this.postgres.query(
      keyRowSchema,
      sql`
      SELECT given.key FROM unnest(${keys}::text[]) AS given(key)
      WHERE NOT EXISTS (SELECT FROM checkpoints WHERE checkpoints.key = given.key)
        AND ${of === 'allJobs' ? sql`true` : ended}`,
    );
    return rows.map(({ key }) => key);
  }

  /** Those of the jobs that no worker runs. */
  async idle(jobIds: string[]): Promise<string[]> {
    const running = await this.postgres.prisma.job.findMany({
      where: { id: { in: jobIds }, token: { not: null } },
      select: { id: true },
    });
    const busy = new Set(running.map(({ id }) => id));
    return jobIds.filter((id) => !busy.has(id));
  }
}
