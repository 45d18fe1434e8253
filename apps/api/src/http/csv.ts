import { stringify } from 'csv-stringify/sync';

/**
 * Rows as CSV (RFC 4180) with `columns` in their order; null is an empty field. Text that a spreadsheet would
 * execute as a formula gets an apostrophe before it.
 */
export const toCsv = <T extends object>(rows: readonly T[], columns: readonly (keyof T & string)[], header = true) =>
  stringify([...rows], {
    columns: [...columns],
    header,
    record_delimiter: 'windows',
    escape_formulas: true,
    cast: { boolean: String },
  });

export const csvMediaType = 'text/csv; charset=utf-8';
