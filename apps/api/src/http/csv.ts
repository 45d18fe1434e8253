import { stringify } from 'csv-stringify/sync';

/**
 * Rows as CSV (RFC 4180) in the order of `columns`. Text that a spreadsheet would run as a formula is quoted with an
 * apostrophe; null is empty.
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
