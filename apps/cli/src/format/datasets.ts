import type { Dataset, DatasetDetail, SkippedFile } from '@trainyard/contracts';
import type { ImportProgress } from '@trainyard/datasets';
import { printable, type Terminal } from '../terminal.js';
import { formatBarLine } from './epochs.js';
import { formatBytes, formatCount } from './numbers.js';
import { type Column, formatTable } from './table.js';

/** e.g. `downloading [####----] 12.3 MB of 163 MB` */
export function formatImport({ phase, done, total }: ImportProgress, width = 80): string {
  if (phase === 'waiting') return 'waiting for another import of this dataset';
  const amount = phase === 'downloading' ? formatBytes : formatCount;
  if (!total) return done > 0 ? `${phase} ${amount(done)}` : phase;
  return formatBarLine(phase, done / total, `${amount(done)} of ${amount(total)}`, width);
}

/** Width x height, as `--size` takes them, and the channels where they are not three. */
export function formatImageShape([height, width, channels]: Dataset['imageShape']): string {
  return channels === 3 ? `${width}x${height}` : `${width}x${height} ${channels === 1 ? 'gray' : `x${channels}`}`;
}

const columns: Column<Dataset>[] = [
  { title: 'dataset', cell: ({ name }) => name, elastic: 'end' },
  { title: 'version', cell: ({ version }) => String(version), align: 'right' },
  { title: 'images', cell: ({ imageShape }) => formatImageShape(imageShape) },
  { title: 'classes', cell: ({ classes }) => String(classes.length), align: 'right' },
  { title: 'train', cell: ({ trainImages }) => formatCount(trainImages), align: 'right' },
  { title: 'valid', cell: ({ validationImages }) => formatCount(validationImages), align: 'right' },
  { title: 'test', cell: ({ testImages }) => formatCount(testImages), align: 'right' },
  { title: 'size', cell: ({ bytes }) => formatBytes(bytes), align: 'right' },
];

/** The column of validation images only where some set has any. */
export function formatDatasets(datasets: readonly Dataset[], width = 80): string[] {
  const hasValidation = datasets.some(({ validationImages }) => validationImages > 0);
  return formatTable(hasValidation ? columns : columns.filter(({ title }) => title !== 'valid'), datasets, width);
}

/** Notes, then warnings. */
export function formatRemarks({ notes, warnings }: Pick<Dataset, 'notes' | 'warnings'>, terminal: Terminal): string[] {
  return [
    ...notes.map((note) => `  ${printable(note)}`),
    ...warnings.map((warning) => `  ${terminal.paint('yellow', 'warning:')} ${printable(warning)}`),
  ];
}

const mostSkipped = 20;

export function formatSkipped(skipped: readonly SkippedFile[], count: number): string[] {
  if (count === 0) return [];
  const shown = skipped.slice(0, mostSkipped).map(({ name, reason }) => `    ${printable(`${name} ${reason}`)}`);
  const more = count > shown.length ? [`    and ${formatCount(count - shown.length)} more (--json names them)`] : [];
  return [`  left out: ${formatCount(count)} files`, ...shown, ...more];
}

interface ClassRow {
  name: string;
  train: number;
  validation: number;
  test: number;
}

const classColumns: Column<ClassRow>[] = [
  { title: 'class', cell: ({ name }) => name, elastic: 'end' },
  { title: 'train', cell: ({ train }) => formatCount(train), align: 'right' },
  { title: 'valid', cell: ({ validation }) => formatCount(validation), align: 'right' },
  { title: 'test', cell: ({ test }) => formatCount(test), align: 'right' },
];

/** Everything that is known of a dataset, for `dataset show`. */
export function formatDetail(detail: DatasetDetail, terminal: Terminal): string[] {
  const { counts, classes, mean, std, options } = detail;
  const rows = classes.map((name, i) => ({
    name,
    train: counts.train[i] ?? 0,
    validation: counts.validation[i] ?? 0,
    test: counts.test[i] ?? 0,
  }));
  const shownColumns =
    detail.validationImages > 0 ? classColumns : classColumns.filter(({ title }) => title !== 'valid');
  const list = (values: number[]) => values.map((value) => value.toFixed(4)).join(' ');
  const given = Object.entries(options).map(([name, value]) => `${name} ${String(value)}`);
  return [
    ...formatDatasets([detail], terminal.columns),
    '',
    `  from ${printable(detail.source)}, imported ${detail.importedAt.slice(0, 16).replace('T', ' ')} UTC`,
    ...(given.length > 0 ? [`  with ${given.join(', ')}`] : []),
    `  digest ${detail.digest}`,
    `  mean ${list(mean)}   std ${list(std)}`,
    ...formatRemarks(detail, terminal),
    ...formatSkipped(detail.skipped, detail.skippedCount),
    '',
    ...formatTable(shownColumns, rows, terminal.columns),
  ];
}
