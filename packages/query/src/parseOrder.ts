import { FilterError } from './filterError.js';
import { Parser } from './parseFilter.js';
import { Scanner } from './scanner.js';
import type { Field, Fields } from './tree.js';

/** A field by which a list is sorted. */
export interface Order {
  field: Field;
  descending: boolean;
}

/**
 * Reads an order: the name of a field as in a filter, after `-` from the highest value to the lowest.
 * @throws FilterError
 */
export function parseOrder(text: string, fields: Fields): Order {
  const descending = text.startsWith('-');
  try {
    const nul = text.indexOf('\0');
    if (nul >= 0) throw new FilterError('the character U+0000 is not allowed', nul, 1);
    const field = new Parser(new Scanner(descending ? ` ${text.slice(1)}` : text), fields, 0).parseField();
    return { field, descending };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new FilterError(error.reason, error.position, error.length, 'sort');
  }
}
