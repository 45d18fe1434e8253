import { checkText } from './checkText.js';
import { FilterError, type FilterText } from './filterError.js';
import { Parser } from './parseFilter.js';
import { Scanner } from './scanner.js';
import type { Field, Fields, SortKey } from './tree.js';

const longestText = 500;
const longestList = 4000;
/** More than a page needs; each is a part of every cursor. */
export const mostSortKeys = 4;

/**
 * Reads an order like `-test.accuracy,parameters`: names of fields as in a filter, each after `-` from the highest
 * value to the lowest. Each decides between rows that are equal by those before it.
 * @returns one to four of them
 * @throws FilterError
 */
export const parseOrder = (text: string, fields: Fields): SortKey[] =>
  read(text, 'sort', (scanner) => new Parser(scanner, fields, 0).parseSortKeys(mostSortKeys));

/**
 * Reads the name of a field as in a filter.
 * @throws FilterError
 */
export const parseField = (text: string, fields: Fields): Field =>
  read(text, 'field', (scanner) => fieldOf(scanner, fields));

/**
 * Reads names of fields as in a filter, with commas between them.
 * @throws FilterError
 */
export const parseFields = (text: string, fields: Fields): Field[] =>
  read(text, 'columns', (scanner) => new Parser(scanner, fields, 0).parseFields());

const fieldOf = (scanner: Scanner, fields: Fields): Field => new Parser(scanner, fields, 0).parseField();

function read<T>(text: string, what: FilterText, parse: (scanner: Scanner) => T): T {
  try {
    checkText(text, what === 'columns' ? longestList : longestText);
    return parse(new Scanner(text));
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new FilterError(error.reason, error.position, error.length, what);
  }
}
