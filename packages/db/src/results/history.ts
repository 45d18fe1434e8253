import { type ResultRow, type ResultsQuery, resultRowSchema } from '@trainyard/contracts';
import { z } from 'zod';
import { conditionsOf } from '../filter/conditionsOf.js';
import type { Column } from '../filter/jobFields.js';
import { orderOf } from '../filter/orderOf.js';
import { empty, join, type Sql, sql } from '../postgres/sql.js';
import { resultColumns } from './resultColumns.js';

/** A row of `historyStatement`; `value` is the key by which the page is sorted. */
export const historyRowSchema = z.object({
  id: z.string(),
  value: z.unknown(),
  finishedAt: z.date(),
  row: resultRowSchema.omit({ finishedAt: true }),
});

export const toResultRow = ({ row, finishedAt }: z.output<typeof historyRowSchema>): ResultRow => ({
  ...row,
  finishedAt: finishedAt.toISOString(),
});

const accuracy: Column = { type: 'number', sql: sql`test_results.accuracy` };
const validationAccuracy: Column = { type: 'number', sql: sql`test_results.validation_accuracy` };
const validationLoss: Column = { type: 'number', sql: sql`test_results.validation_loss` };

/** What every row has, with an index for each; some have a name of the filter language too. */
const required: Record<string, Column> = {
  finishedAt: { type: 'date', sql: sql`test_results.finished_at` },
  trainingSeconds: { type: 'number', sql: sql`test_results.training_seconds` },
  accuracy,
  'test.accuracy': accuracy,
  validationAccuracy,
  'validation.accuracy': validationAccuracy,
  validationLoss,
  'validation.loss': validationLoss,
};

export const historyOrder = ({ sort }: ResultsQuery) => orderOf(sort, required);

/** The jobs of a page and one more, which shows whether another page follows; the job's id breaks ties. */
export function historyKeysStatement(project: string, query: ResultsQuery): Sql {
  const order = historyOrder(query);
  const id = sql`test_results.job_id`;
  const conditions = [sql`test_results.project = ${project}`, ...historyFilters(query)];
  if (query.cursor !== undefined) conditions.push(order.after(query.cursor, id));
  const needsJobs = query.filter !== undefined || !Object.hasOwn(required, query.sort.replace(/^-/, ''));
  return sql`
    SELECT ${id} AS id, ${order.value} AS value FROM test_results ${needsJobs ? withJobs : empty}
    WHERE ${join(conditions, ' AND ')}
    ORDER BY ${order.by(sql`value`, id)} LIMIT ${query.limit + 1}::int`;
}

/** What a filter or an order names. No row lacks its job; Postgres leaves a LEFT JOIN out that nothing reads. */
const withJobs = sql`LEFT JOIN jobs ON jobs.id = test_results.job_id`;

const { finishedAt: _, ...ofRow } = resultColumns;
const rowAsJson = sql`jsonb_build_object(${join(
  Object.entries(ofRow).map(([name, column]) => sql`${name}::text, ${column.sql}`),
)})`;

/** Each row of the page is one JSON value with the API's field names: a fraction of the cost of 20 columns. */
export const historyStatement = (project: string, query: ResultsQuery): Sql => sql`
  WITH page AS MATERIALIZED (${historyKeysStatement(project, query)})
  SELECT page.id, page.value, test_results.finished_at AS "finishedAt", ${rowAsJson} AS row
  FROM page JOIN test_results ON test_results.job_id = page.id JOIN jobs ON jobs.id = page.id
  ORDER BY ${historyOrder(query).by(sql`page.value`, sql`page.id`)}`;

/** The conditions of a query on a row of `test_results`, joined with `jobs` where it has a filter. */
export function historyFilters(query: Omit<ResultsQuery, 'sort' | 'cursor' | 'limit' | 'format' | 'columns'>): Sql[] {
  const filters: Sql[] = query.partial ? [] : [sql`NOT test_results.partial`];
  if (query.dataset !== undefined) filters.push(sql`test_results.dataset = ${query.dataset}`);
  if (query.architecture !== undefined) filters.push(sql`test_results.architecture = ${query.architecture}`);
  if (query.experiment !== undefined) filters.push(sql`test_results.experiment = ${query.experiment}`);
  if (query.minAccuracy !== undefined) filters.push(sql`test_results.accuracy >= ${query.minAccuracy}::float8`);
  if (query.maxAccuracy !== undefined) filters.push(sql`test_results.accuracy <= ${query.maxAccuracy}::float8`);
  if (query.from !== undefined) filters.push(sql`test_results.finished_at >= ${toTimestamp(query.from)}::timestamptz`);
  if (query.to !== undefined) filters.push(sql`test_results.finished_at < ${toTimestamp(query.to)}::timestamptz`);
  if (query.filter !== undefined) filters.push(...conditionsOf(query.filter));
  return filters;
}

/** Postgres has no year 0, which RFC 3339 allows. */
const firstYear = Date.parse('0001-01-01T00:00:00Z');
const toTimestamp = (text: string): Date => new Date(Math.max(firstYear, Date.parse(text)));
