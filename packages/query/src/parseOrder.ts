import { checkText } from './checkText.js';
import { FilterError, type FilterText } from './filterError.js';
import { Parser } from './parseFilter.js';
import { Scanner } from './scanner.js';
import type { Field, Fields } from './tree.js';

/** A field by which a list is sorted. */
export interface Order {
  field: Field;
  descending: boolean;
}

const longestText = 500;
const longestList = 4000;

/**
 * Reads an order: the name of a field as in a filter, after `-` from the highest value to the lowest.
 * @throws FilterError
 */
export function parseOrder(text: string, fields: Fields): Order {
  const descending = text.startsWith('-');
  const field = read(descending ? ` ${text.slice(1)}` : text, 'sort', (scanner) => fieldOf(scanner, fields));
  if (field.type !== 'list') return { field, descending };
  const reason = `${field.path.join('.')} is a list, by which nothing can be sorted`;
  const start = descending ? 1 : 0;
  throw new FilterError(reason, start, text.length - start, 'sort');
}

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
