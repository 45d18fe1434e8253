import { ConflictError } from '@trainyard/contracts';
import { z } from 'zod';
import type { Connection, Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

export interface DatasetUse {
  /** null: of every project, as for a dataset that all share. */
  project: string | null;
  dataset: string;
  /** null: any version. */
  version: number | null;
}

/** Before the name of a dataset: an advisory lock, shared to submit a job, exclusive to change the dataset. */
export const datasetLocks = 'trainyard dataset ';

/**
 * Runs `change` while no job can be submitted for the dataset, if no job that has not ended needs it.
 * @throws ConflictError that names the jobs
 */
export function changeUnused<T>(postgres: Postgres, use: DatasetUse, change: () => Promise<T>): Promise<T> {
  return postgres.transaction(async (tx) => {
    const { dataset, version } = use;
    await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${datasetLocks} || ${dataset}::text, 0))`);
    const jobs = await jobsUsing(tx, use);
    if (jobs.length === 0) return change();
    throw new ConflictError(
      `${version === null ? dataset : `${dataset}@${version}`} is needed by jobs that have not ended ` +
        `(${jobs.join(', ')}); wait for them, or cancel them`,
    );
  });
}

/** Ids of jobs that have not ended and train on a dataset; the first ten. */
async function jobsUsing(postgres: Connection, { project, dataset, version }: DatasetUse): Promise<string[]> {
  const rows = await postgres.query(
    z.object({ id: z.string() }),
    sql`SELECT id FROM jobs
    WHERE dataset = ${dataset} AND state NOT IN ('succeeded', 'failed', 'cancelled')
      AND (${project}::text IS NULL OR project = ${project})
      AND (${version}::int IS NULL OR dataset_version IS NULL OR dataset_version = ${version})
    ORDER BY created_at, id LIMIT 10`,
  );
  return rows.map(({ id }) => id);
}
