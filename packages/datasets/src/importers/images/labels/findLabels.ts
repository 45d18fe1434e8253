import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../../archives/archive.js';
import { compareText } from '../../../sets/split.js';
import { baseName, folderOf, stemOf } from '../imageFiles.js';
import type { PlacedImage } from '../layout.js';
import { classNamesOf, isClassList } from './classList.js';
import { ImageIndex } from './imageIndex.js';
import { joinLists } from './joinLists.js';
import { type LabelTable, labelTable } from './labelTable.js';
import { mayBeTable, readTable, type Table } from './readTable.js';

const mostBytes = 64 * 1024 ** 2;
/** Sets have a few tables; hundreds of text files are something else. */
const mostTables = 100;

/** What the text files of a source say. */
export interface FoundLabels {
  tables: LabelTable[];
  /** Names of the classes by their numbers. */
  classLists: { file: string; names: Map<string, string> }[];
  /** Why other tables do not help, a sentence each. */
  others: string[];
}

/** The files that may name classes or splits. */
export function tableFiles(archive: Archive, images: string[]): string[] {
  const stems = new Set(images.map(stemOf));
  return archive.files
    .filter(({ path, bytes }) => mayBeTable(path) && bytes <= mostBytes && !stems.has(stemOf(path)))
    .map(({ path }) => path)
    .sort((a, b) => a.split('/').length - b.split('/').length || compareText(a, b))
    .slice(0, mostTables);
}

/**
 * Reads the tables of a source that name its images.
 * @param chosen the one that the user names; null: all
 * @throws InvalidInputError when the chosen one is not there, or names no images
 */
export async function findLabels(
  archive: Archive,
  images: PlacedImage[],
  files: string[],
  chosen: string | null,
): Promise<FoundLabels> {
  const wanted = new Set(chosen === null ? files : [chosenFile(archive, files, chosen), ...files.filter(isClassList)]);
  const index = new ImageIndex(images.map(({ name }) => name));
  const found: FoundLabels = { tables: [], classLists: [], others: [] };
  const read: Table[] = [];
  for await (const file of archive.read((path) => wanted.has(path))) {
    const table = readTable(file.path, await file.read());
    if (typeof table === 'string') found.others.push(`${file.path} ${table}`);
    else if (table !== null) read.push(table);
  }
  for (const table of joinLists(read)) sortTable(table, index, images, found);
  found.tables.sort((a, b) => b.entries.length - a.entries.length || compareText(a.file, b.file));
  if (chosen !== null && !found.tables.some(({ columns }) => columns.label !== null)) {
    throw new InvalidInputError(
      `${archive.path}: ${chosen} does not name classes of the images; give it a column with the names of the image ` +
        'files and a column called label',
    );
  }
  return found;
}

function sortTable(table: Table, index: ImageIndex, images: PlacedImage[], found: FoundLabels): void {
  const names = isClassList(table.file) && !namesFiles(table, index) ? classNamesOf(table) : null;
  if (names !== null) {
    found.classLists.push({ file: table.file, names });
    return;
  }
  const labels = labelTable(table, index, images);
  if (labels !== null) found.tables.push(labels);
  else if (/\.[ct]sv$/i.test(table.file)) found.others.push(`${table.file} has none of the images' names`);
}

/** @returns whether most rows have a cell that is certainly the path of an image: `1` may be a number as well */
function namesFiles({ file, rows }: Table, index: ImageIndex): boolean {
  const isPath = (cell: string) => /[./]/.test(cell) && index.find(cell, folderOf(file)).length > 0;
  return rows.filter((row) => row.some(isPath)).length * 2 > rows.length;
}

function chosenFile(archive: Archive, files: string[], chosen: string): string {
  const wanted = chosen.replace(/^\.\//, '');
  const paths = archive.files.map(({ path }) => path);
  const same = paths.filter((path) => path === wanted);
  const [match, ...others] = same.length > 0 ? same : paths.filter((path) => baseName(path) === baseName(wanted));
  if (match !== undefined && others.length === 0) return match;
  const list = match === undefined ? files : [match, ...others];
  const has = list.length === 0 ? 'no CSV file' : list.slice(0, 5).join(', ');
  const problem = match === undefined ? `has no file ${chosen}` : `has several files ${chosen}`;
  throw new InvalidInputError(`${archive.path} ${problem}; it has ${has} (--labels)`);
}
