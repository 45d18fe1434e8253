import { type AnyResultRow, anyResultRowSchema, type ResultsQuery } from '@trainyard/contracts';
import { z } from 'zod';
import { conditionsOf } from '../filter/conditionsOf.js';
import type { Column } from '../filter/jobFields.js';
import { orderOf, sortKeysSchema } from '../filter/orderOf.js';
import { foreignTables, withTables } from '../foreign/foreignTables.js';
import { join, type Sql, sql } from '../postgres/sql.js';
import { HistoryColumns } from './historyColumns.js';
import { resultColumns } from './resultColumns.js';

/** A row of `historyStatement`. */
export const historyRowSchema = z.object({
  ...sortKeysSchema.shape,
  id: z.string(),
  finishedAt: z.date(),
  row: anyResultRowSchema.omit({ finishedAt: true }),
});

export const toResultRow = ({ row, finishedAt }: z.output<typeof historyRowSchema>): AnyResultRow => ({
  ...row,
  finishedAt: finishedAt.toISOString(),
});

const accuracy: Column = { type: 'number', sql: sql`test_results.accuracy` };
const validationAccuracy: Column = { type: 'number', sql: sql`test_results.validation_accuracy` };
const validationLoss: Column = { type: 'number', sql: sql`test_results.validation_loss` };

/** What every row of a job has, with an index for each; some have a name of the filter language too. */
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

/** @param columns of the statement; by default, it joins `jobs` */
export const historyOrder = ({ sort, foreign }: ResultsQuery, columns?: HistoryColumns) =>
  orderOf(sort, required, !foreign, columns?.columnOf);

const id = sql`test_results.job_id`;

/** The jobs of a page and one more, which shows whether another page follows; the job's id breaks ties. */
export function historyKeysStatement(project: string, query: ResultsQuery): Sql {
  const columns = new HistoryColumns(false);
  const own = ownConditions(project, query);
  const filter = query.filter === undefined ? [] : conditionsOf(query.filter, columns.columnOf);
  const order = historyOrder(query, columns);
  if (!order.isIndexed) return firstKeys(query, everyKey(project, query));
  const ordered = sql`ORDER BY ${order.by('values', id)}`;
  const limit = sql`LIMIT ${query.limit + 1}::int`;
  const keys = sql`SELECT ${id} AS id, ${order.keys}`;
  if (columns.areOfTest) {
    return sql`${keys} FROM test_results WHERE ${join([...own, ...filter], ' AND ')} ${ordered} ${limit}`;
  }
  // Most filters fill a page from the first rows of the index. For those that do not, a join of all rows takes half the
  // time of looking each up in the order of the index, which Postgres would choose, as it expects that to end early.
  return sql`
    WITH near AS MATERIALIZED (
      ${keys} FROM (
        SELECT * FROM test_results WHERE ${join(own, ' AND ')} ${ordered} LIMIT ${nearRows}::int) AS test_results
      ${columns.joins} WHERE ${join([sql`TRUE`, ...filter], ' AND ')} ${ordered} ${limit}),
    every AS MATERIALIZED (
      ${everyKey(project, query)} AND (SELECT count(*) FROM near) <= ${query.limit}::int)
    SELECT * FROM near WHERE (SELECT count(*) FROM near) > ${query.limit}::int
    UNION ALL (${firstKeys(query, sql`SELECT * FROM every`)})`;
}

/** Rows of the index in which a page is looked for first. */
const nearRows = 3000;

/** The keys of all rows that match, in no order. */
function everyKey(project: string, query: ResultsQuery): Sql {
  const columns = new HistoryColumns(true);
  const { keys } = historyOrder(query, columns);
  const conditions = [...ownConditions(project, query, columns)];
  if (query.filter !== undefined) conditions.push(...conditionsOf(query.filter, columns.columnOf));
  return sql`SELECT ${id} AS id, ${keys} FROM test_results ${columns.joins}
    WHERE ${join(conditions, ' AND ')}`;
}

const firstKeys = (query: ResultsQuery, keys: Sql): Sql =>
  sql`${keys} ORDER BY ${historyOrder(query).by('keys', sql`id`)} LIMIT ${query.limit + 1}::int`;

/** All conditions but the filter. */
function ownConditions(project: string, query: ResultsQuery, columns?: HistoryColumns): Sql[] {
  const conditions = [sql`test_results.project = ${project}`, ...parameterConditions(query)];
  if (query.cursor !== undefined) conditions.push(historyOrder(query, columns).after(query.cursor, id));
  return conditions;
}

const { finishedAt: _, ...ofRow } = resultColumns;
const rowAsJson = sql`jsonb_build_object(${join(
  Object.entries(ofRow).map(([name, column]) => sql`${name}::text, ${column.sql}`),
)})`;

/** Each row of the page is one JSON value with the API's field names: a fraction of the cost of 20 columns. */
export function historyStatement(project: string, query: ResultsQuery): Sql {
  const page = sql`page AS MATERIALIZED (${historyKeysStatement(project, query)})`;
  return withTables(
    [...foreignTables(project, query), page],
    sql`
  SELECT page.*, test_results.finished_at AS "finishedAt", ${rowAsJson} AS row
  FROM page JOIN test_results ON test_results.job_id = page.id JOIN jobs ON jobs.id = page.id
  ORDER BY ${historyOrder(query).by('keys', sql`page.id`)}`,
  );
}

type Conditions = Omit<ResultsQuery, 'sort' | 'cursor' | 'limit' | 'format' | 'columns'>;

/** The conditions of a query on a row of `test_results`, with what the columns of its filter join. */
export const historyFilters = (query: Conditions, columns: HistoryColumns): Sql[] => [
  ...parameterConditions(query),
  ...(query.filter === undefined ? [] : conditionsOf(query.filter, columns.columnOf)),
];

function parameterConditions(query: Conditions): Sql[] {
  const filters: Sql[] = query.partial ? [] : [sql`NOT test_results.partial`];
  if (query.dataset !== undefined) filters.push(sql`test_results.dataset = ${query.dataset}`);
  if (query.architecture !== undefined) filters.push(sql`test_results.architecture = ${query.architecture}`);
  if (query.experiment !== undefined) filters.push(sql`test_results.experiment = ${query.experiment}`);
  if (query.minAccuracy !== undefined) filters.push(sql`test_results.accuracy >= ${query.minAccuracy}::float8`);
  if (query.maxAccuracy !== undefined) filters.push(sql`test_results.accuracy <= ${query.maxAccuracy}::float8`);
  if (query.from !== undefined) filters.push(sql`test_results.finished_at >= ${toTimestamp(query.from)}::timestamptz`);
  if (query.to !== undefined) filters.push(sql`test_results.finished_at < ${toTimestamp(query.to)}::timestamptz`);
  return filters;
}

/** Postgres has no year 0, which RFC 3339 allows. */
const firstYear = Date.parse('0001-01-01T00:00:00Z');
const toTimestamp = (text: string): Date => new Date(Math.max(firstYear, Date.parse(text)));
