import { parseFilter } from '@trainyard/query';
import type { Sql } from '../postgres/sql.js';
import { type Columns, filterToSql } from './filterToSql.js';
import { jobFields } from './jobFields.js';

/**
 * The condition of a filter on a row, by default of `jobs LEFT JOIN test_results`; none for a text of blanks.
 * @param columnOf of the fields of jobs
 * @throws FilterError
 */
export function conditionsOf(text: string, columnOf?: Columns): Sql[] {
  const filter = parseFilter(text, jobFields);
  return filter === null ? [] : [filterToSql(filter, columnOf)];
}
