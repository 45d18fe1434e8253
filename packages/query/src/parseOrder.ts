import { checkText } from './checkText.js';
import { FilterError } from './filterError.js';
import { Parser } from './parseFilter.js';
import { Scanner } from './scanner.js';
import type { Field, Fields } from './tree.js';

/** A field by which a list is sorted. */
export interface Order {
  field: Field;
  descending: boolean;
}

const longestText = 500;

/**
 * Reads an order: the name of a field as in a filter, after `-` from the highest value to the lowest.
 * @throws FilterError
 */
export function parseOrder(text: string, fields: Fields): Order {
  const descending = text.startsWith('-');
  const field = read(descending ? ` ${text.slice(1)}` : text, fields, 'sort');
  if (field.type !== 'list') return { field, descending };
  const reason = `${field.path.join('.')} is a list, by which nothing can be sorted`;
  const start = descending ? 1 : 0;
  throw new FilterError(reason, start, text.length - start, 'sort');
}

/**
 * Reads the name of a field as in a filter.
 * @throws FilterError
 */
export const parseField = (text: string, fields: Fields): Field => read(text, fields, 'field');

function read(text: string, fields: Fields, what: 'sort' | 'field'): Field {
  try {
    checkText(text, longestText);
    return new Parser(new Scanner(text), fields, 0).parseField();
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new FilterError(error.reason, error.position, error.length, what);
  }
}
