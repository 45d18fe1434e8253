import { type FacetsQuery, facetsSchema } from '@trainyard/contracts';
import { parseField } from '@trainyard/query';
import { type Column, jobFields } from '../filter/jobFields.js';
import { foreignTables, withTables } from '../foreign/foreignTables.js';
import { join, type Sql, sql } from '../postgres/sql.js';
import { historyFilters } from './history.js';
import { HistoryColumns } from './historyColumns.js';

export const facetsRowSchema = facetsSchema.omit({ field: true });

/**
 * One row: the history that matches, counted by the values of a field.
 * @throws FilterError
 */
export function facetsStatement(project: string, { field, limit, ...query }: FacetsQuery): Sql {
  const { path } = parseField(field, jobFields);
  const columns = new HistoryColumns(true);
  const column = columns.columnOf(path);
  if (!column) throw new Error(`the field was read with other fields: there is no ${path.join('.')}`);
  const conditions = join([sql`test_results.project = ${project}`, ...historyFilters(query, columns)], ' AND ');
  const tables = [
    sql`groups AS MATERIALIZED (
      SELECT ${column.sql} AS item, count(*) AS runs FROM test_results ${columns.joins}
      WHERE ${conditions} GROUP BY 1)`,
    sql`matched AS MATERIALIZED (SELECT ${valuesOf({ ...column, sql: sql`item` })} AS items, runs FROM groups)`,
    sql`counts AS MATERIALIZED (
      SELECT value, sum(runs)::int AS count FROM matched, unnest(items) AS value GROUP BY value)`,
    sql`first AS (SELECT * FROM counts ORDER BY count DESC, value LIMIT ${limit}::int)`,
  ];
  return withTables(
    [...foreignTables(project, query), ...tables],
    sql`
    SELECT coalesce(sum(runs), 0)::int AS total,
      coalesce(sum(runs) FILTER (WHERE cardinality(items) = 0), 0)::int AS missing,
      (SELECT count(*)::int FROM counts) AS distinct,
      (SELECT coalesce(jsonb_agg(to_jsonb(first) ORDER BY count DESC, value), '[]') FROM first) AS values
    FROM matched`,
  );
}

/** The different values of rows as an array of JSON values; empty where they lack the field. */
function valuesOf({ type, sql: column }: Column): Sql {
  switch (type) {
    case 'list':
      return sql`ARRAY(SELECT DISTINCT to_jsonb(item) FROM unnest(${column}) AS item)`;
    case 'date':
      return present(sql`to_jsonb(to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD'))`);
    case 'any':
      return present(sql`(SELECT CASE jsonb_typeof(item) WHEN 'null' THEN NULL
        WHEN 'object' THEN to_jsonb(item::text) WHEN 'array' THEN to_jsonb(item::text) ELSE item END
        FROM (SELECT ${column} AS item) AS one)`);
    default:
      return present(sql`to_jsonb(${column})`);
  }
}

const present = (value: Sql): Sql => sql`array_remove(ARRAY[${value}], NULL)`;
