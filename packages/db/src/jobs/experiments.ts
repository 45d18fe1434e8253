import type { Experiment, ExperimentsQuery, Page } from '@trainyard/contracts';
import { jobStateSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { checkStorable } from '../postgres/checkStorable.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import type { Postgres } from '../postgres/postgres.js';
import { join, type Sql, sql } from '../postgres/sql.js';

const experimentRowSchema = z.object({
  name: z.string(),
  jobs: z.int(),
  states: z.record(jobStateSchema, z.int()),
  bestJob: z.string().nullable(),
  bestAccuracy: z.number().nullable(),
  lastActivity: z.date(),
});

const states = join(
  jobStateSchema.options.map((state) => sql`${state}::text, count(*) FILTER (WHERE state = ${state}::job_state)`),
);

/**
 * The experiments of a page and one more, by name: only the jobs of these are read. A partial test is no accuracy of an
 * experiment, as in the history; nor is a test of a checkpoint, which may be on other images.
 */
export const experimentsStatement = (project: string, after: string, limit: number): Sql => sql`
  SELECT jobs.experiment AS name, count(*)::int AS jobs, jsonb_build_object(${states}) AS states,
    (array_agg(jobs.id ORDER BY accuracy DESC, jobs.id) FILTER (WHERE accuracy IS NOT NULL))[1] AS "bestJob",
    max(accuracy) AS "bestAccuracy", max(updated_at) AS "lastActivity"
  FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id AND NOT partial AND source IS NULL
  WHERE jobs.project = ${project} AND jobs.experiment > ${after}
  GROUP BY jobs.experiment ORDER BY jobs.experiment LIMIT ${limit + 1}::int`;

export async function listExperiments(
  postgres: Postgres,
  project: string,
  { cursor, limit }: ExperimentsQuery,
): Promise<Page<Experiment>> {
  const after = cursor === undefined ? '' : decodeCursor('experiment', cursor).id;
  checkStorable(after, '/cursor');
  const rows = await postgres.query(experimentRowSchema, experimentsStatement(project, after, limit));
  const { data, nextCursor } = toPage(rows, limit, 'experiment', ({ name }) => ({ value: 0, id: name }));
  return { data: data.map(toExperiment), nextCursor };
}

const toExperiment = ({
  bestJob,
  bestAccuracy,
  lastActivity,
  ...row
}: z.output<typeof experimentRowSchema>): Experiment => ({
  ...row,
  best: bestJob === null || bestAccuracy === null ? null : { jobId: bestJob, accuracy: bestAccuracy },
  lastActivity: lastActivity.toISOString(),
});
