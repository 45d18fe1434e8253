/**
 * A filter as a tree. Its logic has two values: a comparison with a field that the row does not have is false, and NOT
 * inverts what it stands before.
 */
export type Filter =
  /** `and` of no operands is true, `or` of none is false. */
  | { type: 'and' | 'or'; operands: Filter[] }
  | { type: 'not'; operand: Filter }
  | { type: 'compare'; field: Field; operator: Comparison; value: Value }
  | { type: 'in'; field: Field; values: Value[] }
  /** `%` in the pattern stands for any text, `_` for one character, `\` takes the next character as it is. */
  | { type: 'like'; field: Field; pattern: string; ignoreCase: boolean }
  /** Text within the field's, in any case; of a list, the text is one of its items. */
  | { type: 'contains'; field: Field; text: string }
  /** The row does not have the field. */
  | { type: 'missing'; field: Field };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** Dates are milliseconds since 1970. */
export type Value =
  | { type: 'number'; value: number }
  | { type: 'text'; value: string }
  | { type: 'boolean'; value: boolean }
  | { type: 'date'; value: number };

/**
 * - `number`: numbers, and percentages like `70%`, which are hundredths
 * - `duration`: seconds, as a number or as text like `90s`, `5m`, `2h`, `1d`
 * - `date`: an RFC 3339 date or time, or a time before now like `"7d ago"`
 * - `list`: of texts; a comparison is true if it is true for one of them, and it is never `!=`
 * - `any`: what a JSON document has there; a comparison is false if its value has another type
 */
export type FieldType = 'number' | 'duration' | 'text' | 'boolean' | 'date' | 'list' | 'any';

export interface Field {
  /** One part for each part between dots, without quotes. */
  path: string[];
  type: FieldType;
}

/** A field by which a list is sorted. */
export interface SortKey {
  field: Field;
  descending: boolean;
}

/** The fields that a filter may name. */
export interface Fields {
  /** The type of a field; null: there is none of this path. */
  typeOf(path: string[]): FieldType | null;
  /** Names like `test.accuracy` and `recall.<class>`, from which a similar one is suggested. */
  names: readonly string[];
}
