import { printable } from '../terminal.js';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => string;
  align?: 'left' | 'right';
  /** Gets what the others leave and is cut where that is too little; one a table. */
  elastic?: boolean;
}

const gap = '  ';

/** A table as lines that fit into `width`, headings first. Cells lose whatever a terminal would obey. */
export function formatTable<Row>(columns: Column<Row>[], rows: readonly Row[], width = 80): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  const elastic = columns.findIndex((column) => column.elastic);
  const total = widths.reduce((sum, w) => sum + w, 0) + gap.length * (columns.length - 1);
  if (elastic >= 0 && total > width)
    widths[elastic] = Math.max((widths[elastic] ?? 0) - (total - width), columns[elastic]?.title.length ?? 0);
  const line = (values: string[]) =>
    values
      .map((value, i) => fit(value, widths[i] ?? 0, columns[i]?.align))
      .join(gap)
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)];
}

const fit = (text: string, width: number, align: 'left' | 'right' = 'left'): string => {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return align === 'right' ? cut.padStart(width) : cut.padEnd(width);
};

/** Names and values below each other; those without a value are left out. */
export function formatFields(fields: [name: string, value: string | null][]): string[] {
  const present = fields.filter((field): field is [string, string] => field[1] !== null);
  const width = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`);
}
