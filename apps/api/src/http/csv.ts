import type { Table, TableColumn } from '@trainyard/db';
import type { Options } from 'csv-stringify';
import { stringify } from 'csv-stringify/sync';

export const csvMediaType = 'text/csv; charset=utf-8';

/** RFC 4180. Text that a spreadsheet would execute as a formula gets an apostrophe before it. */
const options: Options = {
  record_delimiter: 'windows',
  escape_formulas: true,
  cast: { boolean: String, date: (date) => date.toISOString() },
};

/** Rows as CSV with `columns` in their order; null is an empty field. */
export const toCsv = <T extends object>(rows: readonly T[], columns: readonly (keyof T & string)[], header = true) =>
  stringify([...rows], { ...options, columns: [...columns], header });

/** A table as CSV, part by part; lists and other JSON are written as JSON. */
export class CsvEncoder {
  private begin: string;

  constructor(columns: readonly TableColumn[]) {
    this.begin = stringify([columns.map(({ name }) => name)], options);
  }

  /** The rows, after a line of headings before the first ones. */
  add(rows: readonly unknown[][]): string {
    const text = this.begin + stringify([...rows], options);
    this.begin = '';
    return text;
  }

  end(): string {
    return this.begin;
  }
}

/** A table as CSV with a line of headings. */
export async function* csvOf({ columns, batches }: Table): AsyncGenerator<string> {
  const encoder = new CsvEncoder(columns);
  yield encoder.add([]);
  for await (const rows of batches) yield encoder.add(rows);
}
