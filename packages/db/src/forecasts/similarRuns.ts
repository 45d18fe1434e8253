import type { JobSource, JobSpec } from '@trainyard/contracts';
import { z } from 'zod';
import type { Postgres } from '../postgres/postgres.js';
import { json, type Sql, sql } from '../postgres/sql.js';

/** How many of the newest jobs that ended are searched, and how many similar ones are used. */
const searched = 2000;
const used = 30;

const runSchema = z.object({ epochs: z.int(), done: z.int(), epochSeconds: z.number(), seconds: z.number() });

const same = (path: string[], spec: JobSpec): Sql => {
  const value = path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], spec);
  return sql`coalesce(spec #> ${path}::text[], 'null') = coalesce(${json(value)}, 'null')`;
};

export interface Subject {
  spec: JobSpec;
  architecture: string;
  parameters: number;
  /** Of a test of a checkpoint, which only such tests are similar to. */
  source?: JobSource;
}

/**
 * What the job would take at the pace of each similar job that succeeded in one attempt, in seconds: as long before and
 * after its epochs, and as long for each epoch; with early stopping, the same share of the epochs. A test has none.
 */
export async function similarRuns(
  postgres: Postgres,
  { spec, architecture, parameters, source }: Subject,
): Promise<number[]> {
  const rows = await postgres.query(
    runSchema,
    sql`
    WITH newest AS (
      SELECT * FROM jobs WHERE finished_at IS NOT NULL AND imported IS NULL
      ORDER BY finished_at DESC LIMIT ${searched}::int
    ), similar_jobs AS (
      SELECT id, spec, finished_at, started_at FROM newest
      WHERE state = 'succeeded' AND attempt = 1 AND (source IS NULL) = ${source === undefined}
        AND architecture = ${architecture}
        AND parameters = ${parameters}::bigint AND dataset = ${spec.dataset.name}
        AND ${same(['dataset', 'limit'], spec)} AND ${same(['batchSize'], spec)} AND ${same(['precision'], spec)}
        AND ${same(['device'], spec)} AND (spec -> 'earlyStopping' = 'null') = ${spec.earlyStopping === null}
      ORDER BY finished_at DESC LIMIT ${used}::int
    )
    SELECT (spec ->> 'epochs')::int AS epochs, trained.done, trained.seconds AS "epochSeconds",
      extract(epoch FROM finished_at - started_at)::float8 AS seconds
    FROM similar_jobs CROSS JOIN LATERAL (
      SELECT count(*)::int AS done, coalesce(sum(train_seconds + validation_seconds), 0)::float8 AS seconds
      FROM epoch_metrics WHERE job_id = similar_jobs.id
    ) AS trained
    WHERE done > 0 OR ${source !== undefined}`,
  );
  return rows.map(({ epochs, done, epochSeconds, seconds }) => {
    if (done === 0) return seconds;
    const planned = (spec.epochs * done) / epochs;
    return Math.max(0, seconds - epochSeconds) + (epochSeconds / done) * planned;
  });
}
