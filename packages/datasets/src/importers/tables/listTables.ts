import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import type { ListedPicture, Listing, ListOptions, SourceSplit } from '../listing.js';
import { pictureOfCell, withoutBytes } from './cellPicture.js';
import { type ChosenColumns, chooseColumns } from './chooseColumns.js';
import type { Table, TableFormat } from './table.js';
import { splitFiles } from './tableFiles.js';

/** A row before it is known which labels mean that it has none. */
interface LabelledRow {
  path: string;
  row: number;
  /** null: no label; a number where the column has numbers without names. */
  label: string | null;
}

/**
 * Lists sets that are stored as tables, one row a picture. Labels alone are read for it.
 * @param paths of the files with the tables
 * @throws InvalidInputError that names the file and the column
 */
export async function listTables(
  archive: Archive,
  format: TableFormat,
  paths: string[],
  { labels: wanted = null }: ListOptions,
): Promise<Listing> {
  const { splitOf, notes, warnings } = splitFiles(archive, paths);
  const rows: LabelledRow[] = [];
  let chosen: ChosenColumns | null = null;
  let areNumbers = false;
  for await (const file of archive.read((path) => splitOf.has(path))) {
    const name = nameIn(archive, file.path);
    const table = await format.open(file, name);
    try {
      const columns = chooseColumns(name, table, wanted ?? chosen?.label ?? null);
      if (chosen === null) await checkFirst(name, table, columns.image);
      else checkSame(name, chosen, columns);
      chosen ??= columns;
      areNumbers ||= table.columns.find((column) => column.name === columns.label)?.kind === 'integer';
      await addRows(rows, file.path, name, table, columns);
    } finally {
      await table.close();
    }
  }
  if (chosen === null) throw new InvalidInputError(`${archive.path} has no ${format.title} that can be read`);
  const { names } = chosen;
  const labelled = leaveOutUnlabelled(rows, splitOf);
  const pictures = labelled.rows.map(
    ({ path, row, label }): ListedPicture => ({
      name: `${path} row ${row}`,
      split: splitOf.get(path) ?? null,
      className: label as string,
    }),
  );
  return {
    pictures,
    classes: names ?? (areNumbers ? inOrderOfNumbers(pictures) : null),
    order: 'stored',
    notes: [...notes, ...chosen.notes, ...labelled.notes],
    warnings: [...warnings, ...labelled.warnings, ...emptyClasses(names, pictures)],
    suggestedName: null,
    read: (isWanted) => readPictures(archive, format, chosen.image, labelled.rows, isWanted),
  };
}

/** A file of a folder by its path in it; a file that is the source itself by that. */
const nameIn = ({ path, kind }: Archive, file: string): string => (kind === 'file' ? path : `${path}: ${file}`);

/** Refuses a set that was stored with the paths of its images, before all rows turn out to be faults. */
async function checkFirst(name: string, table: Table, column: string): Promise<void> {
  for await (const { cells } of table.read(column, (start) => start === 0)) {
    const cell = cells[0] as { bytes?: unknown; path?: unknown } | null | undefined;
    const isPath = typeof cell === 'object' && cell !== null && !cell.bytes && typeof cell.path === 'string';
    if (isPath) throw new InvalidInputError(`${name} row 0 ${withoutBytes(cell.path)}`);
    return;
  }
}

function checkSame(name: string, first: ChosenColumns, columns: ChosenColumns): void {
  if (columns.image !== first.image) {
    const difference = `has the images in the column ${columns.image}, other files in ${first.image}`;
    throw new InvalidInputError(`${name} ${difference}; write all files with the same columns`);
  }
  if (first.names?.join('\n') !== columns.names?.join('\n')) {
    throw new InvalidInputError(`${name} has other class names than the other files; write all with the same features`);
  }
}

async function addRows(
  rows: LabelledRow[],
  path: string,
  name: string,
  table: Table,
  columns: ChosenColumns,
): Promise<void> {
  for await (const { start, cells } of table.read(columns.label)) {
    for (let i = 0; i < cells.length; i++) {
      const row = start + i;
      rows.push({ path, row, label: labelOf(cells[i], columns, () => `${name} row ${row}`) });
    }
  }
}

/** @returns null where the cell says that there is no label */
function labelOf(cell: unknown, { label, names }: ChosenColumns, where: () => string): string | null {
  if (cell === null || cell === undefined || cell === '') return null;
  if (names === null) return String(cell);
  const number = typeof cell === 'string' ? names.indexOf(cell) : Number(cell);
  if (number === -1 && cell !== -1 && typeof cell === 'string') {
    throw new InvalidInputError(`${where()} has the ${label} ${JSON.stringify(cell)}, which is no class of the set`);
  }
  if (number < 0) return null;
  const name = names[number];
  if (name !== undefined) return name;
  const known = `but the file names only ${names.length} classes`;
  throw new InvalidInputError(`${where()} has the ${label} ${number}, ${known}; write it again with all class names`);
}

/** Test splits of competitions have no labels: the cells are empty, or all are -1. */
function leaveOutUnlabelled(
  all: LabelledRow[],
  splitOf: Map<string, SourceSplit>,
): { rows: LabelledRow[]; notes: string[]; warnings: string[] } {
  const bySplit = new Map<SourceSplit, LabelledRow[]>();
  for (const row of all) {
    const split = splitOf.get(row.path) ?? null;
    const rows = bySplit.get(split);
    if (rows === undefined) bySplit.set(split, [row]);
    else rows.push(row);
  }
  const notes: string[] = [];
  const warnings: string[] = [];
  const out = new Set<SourceSplit>();
  for (const [split, rows] of bySplit) {
    if (rows.every(({ label }) => label === null || label === '-1')) {
      out.add(split);
      notes.push(`The ${split ?? 'only'} split has no labels: its ${rows.length} images were left out.`);
      continue;
    }
    const without = rows.filter(({ label }) => label === null);
    const [first] = without;
    if (first === undefined) continue;
    const example = `like ${first.path} row ${first.row}`;
    warnings.push(`${without.length} rows have no label (${example}) and were left out.`);
  }
  return {
    rows: all.filter(({ path, label }) => label !== null && !out.has(splitOf.get(path) ?? null)),
    notes,
    warnings,
  };
}

const inOrderOfNumbers = (pictures: ListedPicture[]): string[] =>
  [...new Set(pictures.map(({ className }) => className))].sort((a, b) => Number(a) - Number(b));

function emptyClasses(names: string[] | null, pictures: ListedPicture[]): string[] {
  const present = new Set(pictures.map(({ className }) => className));
  const empty = (names ?? []).filter((name) => !present.has(name));
  if (empty.length === 0) return [];
  const list = `${empty.slice(0, 5).join(', ')}${empty.length > 5 ? ', ...' : ''}`;
  return [`${empty.length} classes have no images (${list}); --classes with the names of the others leaves them out.`];
}

async function* readPictures(
  archive: Archive,
  format: TableFormat,
  column: string,
  rows: LabelledRow[],
  isWanted: (index: number) => boolean = () => true,
): ReturnType<Listing['read']> {
  const indicesOf = new Map<string, Map<number, number>>();
  rows.forEach(({ path, row }, index) => {
    if (!isWanted(index)) return;
    const indices = indicesOf.get(path) ?? new Map<number, number>();
    indicesOf.set(path, indices.set(row, index));
  });
  for await (const file of archive.read((path) => indicesOf.has(path))) {
    const indices = indicesOf.get(file.path) as Map<number, number>;
    const isAnyWanted = (start: number, end: number) => {
      for (let row = start; row < end; row++) if (indices.has(row)) return true;
      return false;
    };
    const table = await format.open(file, nameIn(archive, file.path));
    try {
      for await (const { start, cells } of table.read(column, isAnyWanted)) {
        for (let i = 0; i < cells.length; i++) {
          const index = indices.get(start + i);
          if (index !== undefined) yield { index, ...pictureOfCell(cells[i]) };
        }
      }
    } finally {
      await table.close();
    }
  }
}
