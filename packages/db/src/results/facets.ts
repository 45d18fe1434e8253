import { type FacetsQuery, facetsSchema } from '@trainyard/contracts';
import { parseField } from '@trainyard/query';
import { type Column, columnOf, jobFields } from '../filter/jobFields.js';
import { join, type Sql, sql } from '../postgres/sql.js';
import { historyFilters } from './history.js';

export const facetsRowSchema = facetsSchema.omit({ field: true });

/**
 * One row: the history that matches, counted by the values of a field.
 * @throws FilterError
 */
export function facetsStatement(project: string, { field, limit, ...query }: FacetsQuery): Sql {
  const { path } = parseField(field, jobFields);
  const column = columnOf(path);
  if (!column) throw new Error(`the field was read with other fields: there is no ${path.join('.')}`);
  const conditions = join([sql`test_results.project = ${project}`, ...historyFilters(query)], ' AND ');
  return sql`
    WITH matched AS MATERIALIZED (
      SELECT ${valuesOf(column)} AS items FROM test_results JOIN jobs ON jobs.id = test_results.job_id
      WHERE ${conditions}),
    counts AS MATERIALIZED (
      SELECT item AS value, count(*)::int AS count FROM matched, unnest(items) AS item GROUP BY item),
    first AS (SELECT * FROM counts ORDER BY count DESC, value LIMIT ${limit}::int)
    SELECT count(*)::int AS total, (count(*) FILTER (WHERE cardinality(items) = 0))::int AS missing,
      (SELECT count(*)::int FROM counts) AS distinct,
      (SELECT coalesce(jsonb_agg(to_jsonb(first) ORDER BY count DESC, value), '[]') FROM first) AS values
    FROM matched`;
}

/** The different values of a row as an array of JSON values; empty where it lacks the field. */
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
