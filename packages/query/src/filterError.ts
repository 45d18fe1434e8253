import { InvalidInputError } from '@trainyard/contracts';

/** A filter, an order or a field that cannot be read. */
export class FilterError extends InvalidInputError {
  constructor(
    readonly reason: string,
    /** Where in the text: its first character is 0. At its end: the text's length. */
    readonly position: number,
    /** How many characters are meant. */
    readonly length: number,
    what: 'filter' | 'sort' | 'field' = 'filter',
  ) {
    const message = `the ${what} is wrong at character ${position + 1}: ${reason}`;
    super(message, [{ pointer: `/${what}`, detail: message }]);
  }
}
