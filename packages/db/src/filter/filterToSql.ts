import type { Comparison, Field, Filter, Value } from '@trainyard/query';
import { join, json, type Sql, sql } from '../postgres/sql.js';
import { type Column, columnOf as jobColumnOf } from './jobFields.js';

const signs: Record<Comparison, Sql> = {
  '=': sql`=`,
  '!=': sql`<>`,
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
};

/** Null: the rows have no such field. */
export type Columns = (path: string[]) => Column | null;

/**
 * A condition on a row, by default of `jobs LEFT JOIN test_results`. What the row does not have is NULL there, so that
 * a comparison with it is NULL too, which WHERE, AND and OR take as false; a negation must do so itself.
 */
export function filterToSql(filter: Filter, columnOf: Columns = jobColumnOf): Sql {
  const columnSql = (field: Field) => sqlOf(field, columnOf);
  switch (filter.type) {
    case 'and':
    case 'or':
      if (filter.operands.length === 0) return filter.type === 'and' ? sql`TRUE` : sql`FALSE`;
      return sql`(${join(
        filter.operands.map((operand) => filterToSql(operand, columnOf)),
        filter.type === 'and' ? ' AND ' : ' OR ',
      )})`;
    case 'not':
      return sql`((${filterToSql(filter.operand, columnOf)}) IS NOT TRUE)`;
    case 'compare':
      return compare(filter.field, columnSql(filter.field), filter.operator, filter.value);
    case 'in':
      return sql`(${join(
        filter.values.map((value) => compare(filter.field, columnSql(filter.field), '=', value)),
        ' OR ',
      )})`;
    case 'like':
      return ofTexts(filter.field, columnSql(filter.field), (item) =>
        filter.ignoreCase ? sql`${item} ILIKE ${filter.pattern}` : sql`${item} LIKE ${filter.pattern}`,
      );
    case 'contains':
      return filter.field.type === 'list'
        ? compare(filter.field, columnSql(filter.field), '=', { type: 'text', value: filter.text })
        : ofTexts(
            filter.field,
            columnSql(filter.field),
            (item) => sql`strpos(lower(${item}), lower(${filter.text})) > 0`,
          );
    case 'missing':
      return isMissing(filter.field, columnSql(filter.field));
  }
}

function isMissing(field: Field, column: Sql): Sql {
  if (field.type === 'list') return sql`cardinality(${column}) = 0`;
  // A spec has null for what is left to its default.
  return field.type === 'any' ? sql`coalesce(${column}, 'null') = 'null'` : sql`${column} IS NULL`;
}

function sqlOf({ path }: Field, columnOf: Columns): Sql {
  const column = columnOf(path);
  if (!column) throw new Error(`the filter was read with other fields: there is no ${path.join('.')}`);
  return column.sql;
}

function compare(field: Field, column: Sql, operator: Comparison, value: Value): Sql {
  if (field.type === 'list') return sql`${parameter(value)} = ANY(${column})`;
  // One look into the document in place of two, which is most of the time of such a comparison.
  if (field.type === 'any' && operator === '=' && value.type === 'text')
    return sql`${column} = ${jsonText(value.value)}`;
  return sql`${field.type === 'any' ? ofJson(column, value.type) : column} ${signs[operator]} ${parameter(value)}`;
}

function parameter(value: Value): Sql {
  switch (value.type) {
    case 'number':
      return sql`${value.value}::float8`;
    case 'date':
      return sql`${new Date(value.value)}::timestamptz`;
    case 'boolean':
      return sql`${value.value}::boolean`;
    case 'text':
      return sql`${value.value}::text`;
  }
}

/** Half a surrogate pair becomes U+FFFD, as in parameters of text: JSON in Postgres does not have it. */
const jsonText = (text: string): Sql => json(Buffer.from(text).toString());

/** NULL where the JSON value has another type: a cast of it would be an error. */
function ofJson(json: Sql, type: Value['type']): Sql {
  const plain = sql`(${json} #>> '{}')`;
  if (type === 'number') return sql`(CASE jsonb_typeof(${json}) WHEN 'number' THEN ${plain}::float8 END)`;
  if (type === 'boolean') return sql`(CASE jsonb_typeof(${json}) WHEN 'boolean' THEN ${plain}::boolean END)`;
  return sql`(CASE jsonb_typeof(${json}) WHEN 'string' THEN ${plain} END)`;
}

/** Of a list: whether the condition is true for one of its items. */
function ofTexts(field: Field, column: Sql, condition: (item: Sql) => Sql): Sql {
  if (field.type === 'list') return sql`EXISTS (SELECT FROM unnest(${column}) AS item WHERE ${condition(sql`item`)})`;
  return condition(field.type === 'any' ? ofJson(column, 'text') : column);
}
