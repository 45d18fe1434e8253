import { type MlflowGrammar, type MlflowPaths, parseMlflowOrder } from '@trainyard/query';
import type { Columns } from '../filter/filterToSql.js';
import { empty, join, type Sql, sql } from '../postgres/sql.js';

/** A page of a list, as MLflow's clients ask for it: by a position, in an order of several keys. */
export interface MlflowPage {
  filter: string;
  /** Keys, each with ASC or DESC or nothing. */
  orderBy: readonly string[];
  offset: number;
  limit: number;
}

interface Listed {
  pathOf: MlflowPaths;
  columnOf: Columns;
  grammar: MlflowGrammar;
}

/**
 * The beginning of an ORDER BY, with a comma at its end. Rows that lack a key come last in both directions.
 * @throws FilterError
 */
export function orderOf(texts: readonly string[], { pathOf, columnOf, grammar }: Listed): Sql {
  const keys = texts.flatMap((text) => {
    const { field, descending } = parseMlflowOrder(text, pathOf, grammar);
    const column = field && columnOf(field.path);
    if (!column) return [];
    // The order of a collation depends on the database, and on its version.
    const value = column.type === 'text' ? sql`(${column.sql}) COLLATE "C"` : column.sql;
    return [sql`${value} ${descending ? sql`DESC` : sql`ASC`} NULLS LAST`];
  });
  return keys.length === 0 ? empty : sql`${join(keys, ', ')},`;
}
