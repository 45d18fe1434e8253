import { folderOf, hasImageExtension } from '../imageFiles.js';
import { splitOfName } from '../splitNames.js';
import type { ImageIndex } from './imageIndex.js';
import type { Table } from './readTable.js';

/** What the columns of a table are, by their names and by what is in them. */
export interface Columns {
  file: number;
  /** One column; several: one for each class, with 0 or 1; null: the table does not name classes. */
  label: number | number[] | null;
  split: number | null;
  /** Names of the columns; null: the table has no header. */
  header: string[] | null;
  /** Columns that could be the label as well, and divide the images in another way. */
  others: number[];
  /** Whether the label's column has a usual name, or is the only one. */
  isCertain: boolean;
  /** Whether its name says that it is the class: `label`, not `type`. */
  isExplicit: boolean;
  hasBoxes: boolean;
}

const simplified = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

const fileNames = new Set(
  (
    'file filename filenames filepath filepaths path paths image images img imagename imagepath imageid imagefile ' +
    'imageindex imgname imgpath imgid id name fname picture photo photoid idcode uuid isicid relativepath'
  ).split(' '),
);

/** The most certain first. */
const labelNames = (
  'label labels labelname class classname classes category categoryname target targets breed species diagnosis dx ' +
  'y tag disease emotion expression variety cultivar genre type kind annotation groundtruth truth gt findinglabels ' +
  'predictionstring labelid classid categoryid classindex classidx labelidx targetid'
).split(' ');

const splitNames = new Set(['split', 'set', 'subset', 'dataset', 'datasplit', 'partition', 'phase', 'fold', 'usage']);
const trainNames = new Set(['istrain', 'istraining', 'istrainingimage', 'train']);
const boxNames = new Set('xmin ymin xmax ymax bbox boundingbox x1 y1 x2 y2 bboxx1 roix1'.split(' '));

const sampleRows = 400;

/** @returns null when no column names images of the source */
export function findColumns(table: Table, index: ImageIndex): Columns | null {
  const folder = folderOf(table.file);
  const found = (value: string | undefined) => index.find(value ?? '', folder).length > 0;
  const [first = []] = table.rows;
  const hasHeader = table.hasHeader || !first.some(found);
  const rows = table.rows.slice(hasHeader ? 1 : 0);
  const step = Math.max(1, Math.floor(rows.length / sampleRows));
  const sample = rows.filter((_, i) => i % step === 0);
  const header = hasHeader ? first : null;
  const width = Math.max(0, first.length, ...sample.map((row) => row.length));
  const all = Array.from({ length: width }, (_, column) => column);
  const nameOf = (column: number) => simplified(header?.[column] ?? '');

  const file = fileColumn(sample, all, nameOf, found);
  if (file === null) return null;
  const split = all.find((column) => column !== file && isSplit(nameOf(column), sample, column)) ?? null;
  const rest = all.filter((column) => column !== file && column !== split);
  const hasBoxes = rest.some((column) => boxNames.has(nameOf(column)));
  return { file, split, header, hasBoxes, ...labelColumns(rows, rest, nameOf) };
}

function fileColumn(
  sample: string[][],
  all: number[],
  nameOf: (column: number) => string,
  found: (value: string | undefined) => boolean,
): number | null {
  let best: { column: number; score: number } | null = null;
  for (const column of all) {
    const values = sample.map((row) => row[column] ?? '');
    const share = values.filter(found).length / Math.max(1, values.length);
    const isNamed = fileNames.has(nameOf(column));
    if (share === 0 || (!isNamed && share < 0.5)) continue;
    const distinct = new Set(values).size / values.length;
    const isPath = values.filter(hasImageExtension).length * 2 > values.length;
    const score = share + (isNamed ? 0.3 : 0) + 0.5 * distinct + (isPath ? 0.3 : 0);
    if (best === null || score > best.score) best = { column, score };
  }
  return best?.column ?? null;
}

function isSplit(name: string, sample: string[][], column: number): boolean {
  const values = sample.map((row) => row[column] ?? '');
  if (name === '') return values.every((value) => splitOfName(value) !== null);
  if (trainNames.has(name)) return values.every((value) => /^(?:0|1|true|false)$/i.test(value));
  return splitNames.has(name) && values.every((value) => splitOfName(value) !== null);
}

function labelColumns(
  rows: string[][],
  rest: number[],
  nameOf: (column: number) => string,
): Pick<Columns, 'label' | 'others' | 'isCertain' | 'isExplicit'> {
  const values = new Map(rest.map((column) => [column, [...new Set(rows.map((row) => row[column] ?? ''))]]));
  const isText = (column: number) => Number((values.get(column) as string[]).some((value) => /[^\d.]/.test(value)));
  const chosen = (candidates: number[], isCertain: boolean) => {
    const [label = null, ...rest] = candidates.sort((a, b) => isText(b) - isText(a) || rank(a) - rank(b));
    const others = rest.filter((other) => !sameGroups(rows, label as number, other));
    const isExplicit = isCertain && rank(label as number) < labelNames.indexOf('y');
    return { label, others, isExplicit, isCertain: isCertain || others.length === 0 };
  };
  const rank = (column: number) => labelNames.indexOf(nameOf(column));
  const named = rest.filter((column) => rank(column) !== -1);
  if (named.length > 0) return chosen(named, true);
  const isBinary = (column: number) => (values.get(column) as string[]).every((value) => /^[01](?:\.0*)?$/.test(value));
  if (rest.length > 1 && rest.every((column) => nameOf(column) !== '' && isBinary(column))) {
    return { label: rest, others: [], isCertain: true, isExplicit: true };
  }
  const groups = rest.filter((column) => {
    const { length } = values.get(column) as string[];
    return length > 1 && length <= Math.max(2, rows.length / 2);
  });
  return chosen(groups, false);
}

/** @returns whether two columns divide the rows alike, as a class's number and its name do */
function sameGroups(rows: string[][], a: number, b: number): boolean {
  const forward = new Map<string, string>();
  const backward = new Map<string, string>();
  for (const row of rows) {
    const [x, y] = [row[a] ?? '', row[b] ?? ''];
    if ((forward.get(x) ?? y) !== y || (backward.get(y) ?? x) !== x) return false;
    forward.set(x, y);
    backward.set(y, x);
  }
  return true;
}
