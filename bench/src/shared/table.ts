import { type Column, formatTable } from '@trainyard/cli/table';

/** Prints a table: the first column and columns of texts to the left, columns of numbers to the right. */
export function printTable<Row>(rows: readonly Row[], columns: [title: string, cell: (row: Row) => string][]): void {
  const aligned = columns.map(([title, cell], i): Column<Row> => {
    const isText = i === 0 || rows.every((row) => /^[^-\d]/.test(cell(row)));
    return { title, cell, align: isText ? 'left' : 'right' };
  });
  for (const line of formatTable(aligned, rows, Number.POSITIVE_INFINITY)) console.log(line);
}

/** A number with so many digits after the point; `-` for none. */
export const shown = (number: number | null | undefined, digits: number): string => number?.toFixed(digits) ?? '-';

export const megabytes = (bytes: number | null | undefined): string => shown(bytes && bytes / 1e6, 0);
