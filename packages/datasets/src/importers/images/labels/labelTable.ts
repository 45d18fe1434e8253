import { folderOf, stemOf } from '../imageFiles.js';
import type { PlacedImage } from '../layout.js';
import { type Split, splitOfName } from '../splitNames.js';
import { type Columns, findColumns } from './columns.js';
import type { ImageIndex } from './imageIndex.js';
import type { Table } from './readTable.js';

/** What a table says of one image. */
export interface Entry {
  /** Index of the image. */
  image: number;
  /** null: no class is named. */
  label: string | null;
  /** All classes, where there are several. */
  several: string[] | null;
  /** Of a column of its own. */
  split: Split | null;
}

/** A table that names images of the source. */
export interface LabelTable {
  file: string;
  columns: Columns;
  /** The split by the file's own name, as of `train.csv`. */
  split: Split | null;
  entries: Entry[];
  /** Rows that name an image again. */
  repeated: number;
  /** Cells that name no image of the source. */
  missing: string[];
  /** Cells that name several images. */
  unclear: string[];
}

/** @returns null when the table does not name images */
export function labelTable(table: Table, index: ImageIndex, images: PlacedImage[]): LabelTable | null {
  const columns = findColumns(table, index);
  if (columns === null) return null;
  const rows = table.rows.slice(columns.header === null ? 0 : 1);
  const ofFile = splitOfName(stemOf(table.file));
  const labels = rows.map((row) => labelsOf(row, columns));
  const single = new Set(labels.flatMap((names) => (names.length === 1 ? names : [])));
  const byImage = new Map<number, Entry>();
  const missing: string[] = [];
  const unclear: string[] = [];
  let repeated = 0;
  rows.forEach((row, i) => {
    const cell = row[columns.file] ?? '';
    const found = narrow(index.find(cell, folderOf(table.file)), images, ofFile);
    const [image] = found;
    if (image === undefined) missing.push(cell);
    else if (found.length > 1) unclear.push(cell);
    else {
      const names = (labels[i] as string[]).flatMap((name) => partsOf(name, single));
      if (byImage.has(image)) repeated++;
      addEntry(byImage, image, names, splitOf(row, columns));
    }
  });
  const entries = [...byImage.values()];
  return { file: table.file, columns, split: ofFile, entries, repeated, missing, unclear };
}

function addEntry(byImage: Map<number, Entry>, image: number, names: string[], split: Split | null): void {
  const earlier = byImage.get(image);
  const all = [...new Set([...(earlier?.several ?? (earlier?.label ? [earlier.label] : [])), ...names])];
  byImage.set(image, { image, label: all[0] ?? null, several: all.length > 1 ? all : null, split });
}

/** Of images with one name in several splits, the one in the table's split, or in `train`: tests have no labels. */
function narrow(found: number[], images: PlacedImage[], split: Split | null): number[] {
  if (found.length < 2) return found;
  const inSplit = found.filter((index) => images[index]?.split === (split ?? 'train'));
  return inSplit.length > 0 ? inSplit : found;
}

function labelsOf(row: string[], { label, header }: Columns): string[] {
  if (label === null) return [];
  if (typeof label !== 'number') {
    const names = label.filter((column) => Number(row[column]) === 1).map((column) => header?.[column] as string);
    // Roboflow writes a column for images without a class.
    return names.filter((name) => !/^unlabell?ed$/i.test(name));
  }
  const value = row[label] ?? '';
  if (value === '') return [];
  // ImageNet's solutions name the class and then a box, and again for each further box.
  const isPrediction = /^predictionstring$/i.test(header?.[label] ?? '');
  return [isPrediction ? (value.split(' ')[0] as string) : plainNumber(value).normalize('NFC')];
}

/** `3.0`, as pandas writes a column of numbers with gaps, is the class 3. */
const plainNumber = (value: string): string => (/^\d+\.0+$/.test(value) ? value.slice(0, value.indexOf('.')) : value);

/** `scab rust` is two classes, where both are classes of other images. */
function partsOf(name: string, single: Set<string>): string[] {
  const parts = name.split(/[|,;\s]+/).filter((part) => part !== '');
  if (parts.length < 2) return [name];
  return (name.includes('|') && parts.some((part) => single.has(part))) || parts.every((part) => single.has(part))
    ? parts
    : [name];
}

function splitOf(row: string[], { split, header }: Columns): Split | null {
  if (split === null) return null;
  const value = row[split] ?? '';
  if (!/train/i.test(header?.[split] ?? '')) return splitOfName(value);
  return /^(?:1|true)$/i.test(value) ? 'train' : 'test';
}
