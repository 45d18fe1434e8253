import { jobStateSchema } from '@trainyard/contracts';
import { mlflowRuns, parseMlflowFilter } from '@trainyard/query';
import { z } from 'zod';
import { filterToSql } from '../filter/filterToSql.js';
import { join, type Sql, sql } from '../postgres/sql.js';
import {
  classMetrics,
  epochMetrics,
  experimentId,
  onceMetrics,
  runColumn,
  runName,
  runPath,
  runStart,
} from './fields.js';
import { type MlflowPage, orderOf } from './order.js';

/** JSON has no NaN and no Infinity: Postgres writes them as texts, as MLflow does. */
const numberSchema = z.union([z.number(), z.literal(['NaN', 'Infinity', '-Infinity'])]);
const valuesSchema = z.record(z.string(), numberSchema.nullable());

export const runRowSchema = z.object({
  id: z.string(),
  experimentId: z.string(),
  name: z.string(),
  state: jobStateSchema,
  tags: z.array(z.string()),
  notes: z.string(),
  failure: z.string().nullable(),
  spec: z.record(z.string(), z.unknown()),
  architecture: z.string(),
  parameters: z.coerce.number(),
  dataset: z.object({ name: z.string(), version: z.int().nullable(), digest: z.string().nullable() }),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
  /** Of the last epoch; null before the first has ended. */
  lastEpoch: z.object({ epoch: z.int(), seconds: z.number(), values: valuesSchema }).nullable(),
  once: valuesSchema,
  /** By the metric and the class. */
  classes: valuesSchema.nullable(),
});
export type MlflowRun = z.output<typeof runRowSchema>;

/** One value of a metric; `seconds` since the start of the run. */
export const pointRowSchema = z.object({ value: numberSchema, step: z.int(), seconds: z.number() });
export type MlflowPoint = z.output<typeof pointRowSchema>;

/** Keys and columns as arguments of `jsonb_build_object`. */
const pairs = (columns: Record<string, Sql>): Sql =>
  join(Object.entries(columns).map(([key, column]) => sql`${key}::text, ${column}`));

const classes = join(
  Object.entries(classMetrics).map(
    ([key, column]) => sql`jsonb_object_agg(${`${key}/`}::text || name, ${column} ORDER BY class_index)`,
  ),
  ' || ',
);

/** Of training and validation, from the first epoch on. */
const secondsSoFar = sql`sum(train_seconds + validation_seconds) OVER (ORDER BY epoch)`;

/** Rows of `runRowSchema`. @param page selects `id` and `position` */
const selectRuns = (page: Sql): Sql => sql`
  WITH page AS MATERIALIZED (${page})
  SELECT jobs.id, ${experimentId(sql`jobs.experiment`)} AS "experimentId", ${runName} AS name, jobs.state::text,
    jobs.tags, jobs.notes, jobs.failure_message AS failure, jobs.spec, jobs.architecture, jobs.parameters,
    jsonb_build_object('name', jobs.dataset, 'version', jobs.dataset_version, 'digest', jobs.dataset_digest) AS dataset,
    ${runStart} AS "startedAt", jobs.finished_at AS "finishedAt",
    (SELECT jsonb_build_object('epoch', epoch, 'seconds', ${secondsSoFar},
        'values', jsonb_build_object(${pairs(epochMetrics)}))
      FROM epoch_metrics WHERE job_id = jobs.id ORDER BY epoch DESC LIMIT 1) AS "lastEpoch",
    jsonb_build_object(${pairs(onceMetrics)}) AS once,
    (SELECT ${classes} FROM class_results WHERE job_id = jobs.id) AS classes
  FROM page JOIN jobs ON jobs.id = page.id LEFT JOIN test_results ON test_results.job_id = jobs.id
  ORDER BY page.position`;

/** The newest run first, where nothing else decides. @param experiments their names */
export function searchStatement(project: string, experiments: readonly string[], page: MlflowPage): Sql {
  const filter = parseMlflowFilter(page.filter, runPath);
  const order = sql`${orderOf(page.orderBy, { pathOf: runPath, columnOf: runColumn, grammar: mlflowRuns })}
    jobs.created_at DESC, jobs.id DESC`;
  return selectRuns(sql`
    SELECT jobs.id, row_number() OVER (ORDER BY ${order}) AS position
    FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id
    WHERE jobs.project = ${project} AND jobs.experiment = ANY(${[...experiments]}::text[])
      AND ${filter ? filterToSql(filter, runColumn) : sql`TRUE`}
    ORDER BY position LIMIT ${page.limit}::int OFFSET ${page.offset}::int`);
}

export const runStatement = (project: string, id: string): Sql =>
  selectRuns(sql`SELECT id, 1 AS position FROM jobs WHERE project = ${project} AND id = ${id}`);

/** The values of a metric that has one an epoch. */
export const historyStatement = (project: string, id: string, column: Sql): Sql => sql`
  SELECT to_jsonb(${column}) AS value, epoch AS step, ${secondsSoFar} AS seconds
  FROM epoch_metrics JOIN jobs ON jobs.id = job_id
  WHERE jobs.project = ${project} AND job_id = ${id} ORDER BY epoch`;
