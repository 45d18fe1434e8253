import { InvalidInputError } from '@trainyard/contracts';

/** The parameter that has a text: its name in a query. */
export type FilterText = 'filter' | 'sort' | 'field' | 'columns';

const subjects: Record<FilterText, string> = {
  filter: 'filter is',
  sort: 'sort is',
  field: 'field is',
  columns: 'list of columns is',
};

/** A filter, an order, a field or a list of them that cannot be read. */
export class FilterError extends InvalidInputError {
  constructor(
    readonly reason: string,
    /** Where in the text: its first character is 0. At its end: the text's length. */
    readonly position: number,
    /** How many characters are meant. */
    readonly length: number,
    what: FilterText = 'filter',
  ) {
    const message = `the ${subjects[what]} wrong at character ${position + 1}: ${reason}`;
    super(message, [{ pointer: `/${what}`, detail: message }]);
  }
}
