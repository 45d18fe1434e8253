import { parseFilter } from '@trainyard/query';
import type { Sql } from '../postgres/sql.js';
import { filterToSql } from './filterToSql.js';
import { jobFields } from './jobFields.js';

/**
 * The condition of a filter on a row of `jobs LEFT JOIN test_results`; none for a text of blanks.
 * @throws FilterError
 */
export function conditionsOf(text: string): Sql[] {
  const filter = parseFilter(text, jobFields);
  return filter === null ? [] : [filterToSql(filter)];
}
