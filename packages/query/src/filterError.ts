import { InvalidInputError } from '@trainyard/contracts';

/** A filter that cannot be read. */
export class FilterError extends InvalidInputError {
  constructor(
    reason: string,
    /** Where in the text: its first character is 0. At its end: the text's length. */
    readonly position: number,
    /** How many characters are meant. */
    readonly length: number,
  ) {
    const message = `the filter is wrong at character ${position + 1}: ${reason}`;
    super(message, [{ pointer: '/filter', detail: message }]);
  }
}
