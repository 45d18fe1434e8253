import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

export interface DatasetUse {
  /** null: of every project, as for a dataset that all share. */
  project: string | null;
  dataset: string;
  /** null: any version. */
  version: number | null;
}

/** Ids of jobs that have not ended and train on a dataset; the first ten. */
export async function jobsUsing(postgres: Postgres, { project, dataset, version }: DatasetUse): Promise<string[]> {
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
