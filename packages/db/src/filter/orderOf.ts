import { type FieldType, mostSortKeys, parseOrder } from '@trainyard/query';
import { z } from 'zod';
import { decodeCursor, timeSchema } from '../postgres/page.js';
import { join, json, raw, type Sql, sql } from '../postgres/sql.js';
import type { Columns } from './filterToSql.js';
import { type Column, columnOf as jobColumnOf, jobFields } from './jobFields.js';

/** How a list is sorted; `id` is the column that decides between rows of equal values. */
export interface Order {
  /** Whether one index on its only key and the id serves the list. */
  isIndexed: boolean;
  /** The values by which a row is sorted, as columns with the names of `sortKeysSchema`. */
  keys: Sql;
  /** For ORDER BY, of the values or of the columns of `keys`. */
  by(of: 'values' | 'keys', id: Sql): Sql;
  /** Whether a row stands after the one that a cursor names. @throws InvalidInputError */
  after(cursor: string, id: Sql): Sql;
}

const keyNames = Array.from({ length: mostSortKeys }, (_, i) => `key${i}`);

/** What a row of a sorted list has besides its own columns. */
export const sortKeysSchema = z.object(Object.fromEntries(keyNames.map((name) => [name, z.unknown().optional()])));

/** Of a row of a sorted list, for its cursor: one value, or an array of those of several keys. */
export function sortValueOf(row: Record<string, unknown>): unknown {
  const values = keyNames.map((name) => row[name]).filter((value) => value !== undefined);
  return values.length > 1 ? values : values[0];
}

/**
 * The order that a text like `-test.accuracy,parameters` names. Rows that lack a field come last in both directions;
 * the id, which has the direction of the last field, decides between equal rows.
 * @param required columns that no row lacks, by the names that they have besides those of the filter language; an index
 *   on such a column and the id serves the list
 * @param hasAll whether no row lacks them indeed: not so where foreign runs are among the rows
 * @param columnOf by default for a row of `jobs LEFT JOIN test_results`
 * @throws FilterError
 */
export function orderOf(
  text: string,
  required: Record<string, Column>,
  hasAll = true,
  columnOf: Columns = jobColumnOf,
): Order {
  const requiredOf = (path: string[]): Column | null => {
    const name = path.join('.');
    return Object.hasOwn(required, name) ? (required[name] ?? null) : null;
  };
  const typeOf = (path: string[]): FieldType | null => requiredOf(path)?.type ?? jobFields.typeOf(path);
  const names = [...jobFields.names, ...Object.keys(required)];
  const keys = parseOrder(text, { typeOf, names }).map(({ field, descending }): Key => {
    const own = requiredOf(field.path);
    const column = own ?? columnOf(field.path);
    if (!column) throw new Error(`the order was read with other fields: there is no ${field.path.join('.')}`);
    return { ...sortable(column), descending, required: hasAll && own !== null };
  });
  return orderBy(text, keys);
}

interface Key extends Sortable {
  descending: boolean;
  /** No row lacks it. */
  required: boolean;
}

const directionOf = ({ descending }: Pick<Key, 'descending'>): Sql => (descending ? sql`DESC` : sql`ASC`);
const signOf = ({ descending }: Pick<Key, 'descending'>): Sql => (descending ? sql`<` : sql`>`);

function orderBy(text: string, keys: Key[]): Order {
  const last = keys.at(-1) as Key;
  const schemas = keys.map(({ schema, required }) => (required ? schema : schema.nullable()));
  const cursorSchema = keys.length > 1 ? z.tuple(schemas as [z.ZodType, ...z.ZodType[]]) : (schemas[0] as z.ZodType);
  return {
    isIndexed: keys.length === 1 && last.required,
    keys: join(keys.map(({ value }, i) => sql`${value} AS ${raw(`key${i}`)}`)),
    by: (of, id) => {
      const parts = keys.map((key, i) => {
        const value = of === 'values' ? key.value : raw(`key${i}`);
        return sql`${value} ${directionOf(key)} ${key.required ? sql`` : sql`NULLS LAST`}`;
      });
      return join([...parts, sql`${id} ${directionOf(last)}`]);
    },
    after(cursor, id) {
      const { value, id: lastId } = decodeCursor(text, cursor, cursorSchema);
      const values = keys.length > 1 ? (value as unknown[]) : [value];
      const first = keys[0] as Key;
      if (keys.length === 1 && first.required) {
        return sql`(${first.value}, ${id}) ${signOf(first)} (${first.parameter(values[0])}, ${lastId})`;
      }
      return keys.reduceRight((rest, key, i) => afterValue(key, values[i], rest), sql`${id} ${signOf(last)} ${lastId}`);
    },
  };
}

/** @param rest whether a row of an equal value stands after the one of the cursor */
function afterValue(key: Key, last: unknown, rest: Sql): Sql {
  const { value } = key;
  if (last === null) return sql`(${value} IS NULL AND ${rest})`;
  const parameter = key.parameter(last);
  const after = sql`${value} ${signOf(key)} ${parameter} OR (${value} = ${parameter} AND ${rest})`;
  return key.required ? sql`(${after})` : sql`(${after} OR ${value} IS NULL)`;
}

interface Sortable {
  value: Sql;
  /** Of the value in a cursor. */
  schema: z.ZodType;
  parameter(value: unknown): Sql;
}

/** Of a column that is no list, as no order names one. */
function sortable({ type, sql: column }: Column): Sortable {
  switch (type) {
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
      return { value: column, schema: z.number(), parameter: (value) => sql`${value}::float8` };
  }
}
