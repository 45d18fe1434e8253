import { printable } from '../terminal.js';

export interface Column<Row> {
  title: string;
  cell: (row: Row) => string;
  align?: 'left' | 'right';
  /** Is cut where the others leave too little, the last such column first; `start` and `end` say what is cut. */
  elastic?: 'start' | 'end';
}

const gap = '  ';

/** A table as lines that fit into `width`, headings first. Cells lose whatever a terminal would obey. */
export function formatTable<Row>(columns: Column<Row>[], rows: readonly Row[], width = 80): string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map(({ title }, i) => Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)));
  let excess = widths.reduce((sum, w) => sum + w, 0) + gap.length * (columns.length - 1) - width;
  for (const [i, { title, elastic }] of [...columns.entries()].reverse()) {
    if (elastic === undefined || excess <= 0) continue;
    const before = widths[i] as number;
    widths[i] = Math.max(before - excess, title.length);
    excess -= before - widths[i];
  }
  const line = (values: string[]) =>
    values
      .map((value, i) => fit(value, widths[i] ?? 0, columns[i]))
      .join(gap)
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...cells.map(line)];
}

const fit = (text: string, width: number, { align, elastic }: Partial<Column<never>> = {}): string => {
  let cut = text;
  if (text.length > width) cut = elastic === 'start' ? `…${text.slice(1 - width)}` : `${text.slice(0, width - 1)}…`;
  return align === 'right' ? cut.padStart(width) : cut.padEnd(width);
};

/** Names and values below each other; those without a value are left out. */
export function formatFields(fields: [name: string, value: string | null][]): string[] {
  const present = fields.filter((field): field is [string, string] => field[1] !== null);
  const width = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `  ${name.padEnd(width)}  ${printable(value)}`);
}
