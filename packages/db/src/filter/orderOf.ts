import { InvalidInputError } from '@trainyard/contracts';
import { parseOrder } from '@trainyard/query';
import { z } from 'zod';
import { decodeCursor, timeSchema } from '../postgres/page.js';
import { json, type Sql, sql } from '../postgres/sql.js';
import type { Columns } from './filterToSql.js';
import { type Column, columnOf as jobColumnOf, jobFields } from './jobFields.js';

/** How a list is sorted; `id` is the column that decides between rows of equal values. */
export interface Order {
  /** The value by which a row is sorted, for its cursor. */
  value: Sql;
  /** For ORDER BY, of this value and the id. */
  by(value: Sql, id: Sql): Sql;
  /** Whether a row stands after the one that a cursor names. @throws InvalidInputError */
  after(cursor: string, id: Sql): Sql;
}

/**
 * The order that a text like `-test.accuracy` names. Rows that lack the field come last in both directions.
 * @param required columns that no row lacks, by the names that they have besides those of the filter language; an index
 *   on such a column and the id serves the list
 * @param columnOf by default for a row of `jobs LEFT JOIN test_results`
 * @throws FilterError
 */
export function orderOf(text: string, required: Record<string, Column>, columnOf: Columns = jobColumnOf): Order {
  const name = text.replace(/^-/, '');
  const own = Object.hasOwn(required, name) ? required[name] : undefined;
  if (own) return orderBy(text, sortable(own), { descending: text.startsWith('-'), required: true });
  const { field, descending } = parseOrder(text, jobFields);
  const column = columnOf(field.path);
  if (!column) throw new Error(`the order was read with other fields: there is no ${field.path.join('.')}`);
  return orderBy(text, sortable(column), { descending, required: false });
}

interface Direction {
  descending: boolean;
  required: boolean;
}

function orderBy(text: string, { value, schema, parameter }: Sortable, { descending, required }: Direction): Order {
  const direction = descending ? sql`DESC` : sql`ASC`;
  const sign = descending ? sql`<` : sql`>`;
  return {
    value,
    by: (key, id) => sql`${key} ${direction} ${required ? sql`` : sql`NULLS LAST`}, ${id} ${direction}`,
    after(cursor, id) {
      const last = decodeCursor(text, cursor, required ? schema : schema.nullable());
      if (last.value === null) return sql`(${value} IS NULL AND ${id} ${sign} ${last.id})`;
      const key = parameter(last.value);
      if (required) return sql`(${value}, ${id}) ${sign} (${key}, ${last.id})`;
      return sql`(${value} ${sign} ${key} OR (${value} = ${key} AND ${id} ${sign} ${last.id}) OR ${value} IS NULL)`;
    },
  };
}

interface Sortable {
  value: Sql;
  /** Of the value in a cursor. */
  schema: z.ZodType;
  parameter(value: unknown): Sql;
}

function sortable({ type, sql: column }: Column): Sortable {
  switch (type) {
    case 'number':
    case 'duration':
      return { value: column, schema: z.number(), parameter: (value) => sql`${value}::float8` };
    case 'date':
      return { value: column, schema: timeSchema, parameter: (value) => sql`${value}::timestamptz` };
    case 'text':
      // The order of a collation depends on the database, and on its version.
      return {
        value: sql`(${column} COLLATE "C")`,
        schema: z.string(),
        parameter: (value) => sql`(${value}::text COLLATE "C")`,
      };
    case 'any':
      return {
        value: sql`(CASE WHEN jsonb_typeof(${column}) IN ('number', 'string', 'boolean') THEN ${column} END)`,
        schema: z.union([z.number(), z.string(), z.boolean()]),
        parameter: json,
      };
    default:
      throw new InvalidInputError(`a ${type} cannot be sorted by`);
  }
}
