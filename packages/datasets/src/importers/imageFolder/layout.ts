import { InvalidInputError } from '@trainyard/contracts';
import type { Split } from '../../packed/format.js';
import type { Archive } from '../importer.js';

/** Where an image goes in the packed dataset. */
export interface Place {
  split: Split;
  index: number;
  label: number;
}

/** Which file of an archive becomes which image. */
export interface Layout {
  classes: string[];
  /** By the path of the file. */
  places: Map<string, Place>;
  counts: Record<Split, number>;
}

interface Found {
  path: string;
  className: string;
  file: string;
}

/** @returns whether some path looks like `train/<class>/<file>`, with or without one folder above. */
export function isImageFolder(files: string[]): boolean {
  return files.some((path) => /^([^/]+\/)?train\/[^/]+\/[^/]+$/.test(path));
}

/**
 * Reads split and class from the paths. Classes get their labels in alphabetical order, images their places by class
 * and file name, so that the order in an archive does not matter.
 * @throws InvalidInputError when the files are not laid out as train/<class>/<file> and test/<class>/<file>
 */
export function layOutImages({ path, files }: Archive): Layout {
  const found = findImages(path, files);
  const classes = [...new Set(found.train.map(({ className }) => className))].sort();
  checkSplits(path, classes, found);
  const labels = new Map(classes.map((name, label) => [name, label]));
  const places = new Map<string, Place>();
  for (const split of ['train', 'test'] as const) {
    const sorted = found[split].sort((a, b) => compare(a.className, b.className) || compare(a.file, b.file));
    sorted.forEach((image, index) => {
      places.set(image.path, { split, index, label: labels.get(image.className) as number });
    });
  }
  return { classes, places, counts: { train: found.train.length, test: found.test.length } };
}

function findImages(path: string, files: string[]): Record<Split, Found[]> {
  const root = rootOf(path, files);
  const found: Record<Split, Found[]> = { train: [], test: [] };
  for (const file of files) {
    if (!file.startsWith(root) || isLitter(file)) continue;
    const [split, className, name, ...deeper] = file.slice(root.length).split('/');
    if ((split !== 'train' && split !== 'test') || className === undefined) continue;
    if (name === undefined || deeper.length > 0) {
      throw new InvalidInputError(`${path}: ${file} must be directly in ${split}/<class>/, neither above nor deeper`);
    }
    found[split].push({ path: file, className, file: name });
  }
  return found;
}

function checkSplits(path: string, classes: string[], found: Record<Split, Found[]>): void {
  const layout = 'lay the images out as train/<class>/<file> and test/<class>/<file>';
  if (classes.length < 2) {
    throw new InvalidInputError(`${path} has ${classes.length} classes below train/, but two are needed; ${layout}`);
  }
  if (found.test.length === 0) throw new InvalidInputError(`${path} has no images below test/; ${layout}`);
  const unknown = [...new Set(found.test.map((image) => image.className))].filter((name) => !classes.includes(name));
  if (unknown.length > 0) {
    throw new InvalidInputError(`${path} has no training images of the test classes ${unknown.sort().join(', ')}`);
  }
}

/** The path, with its `/`, of the folder that contains `train`: empty, or the only folder at the top. */
function rootOf(path: string, files: string[]): string {
  if (files.some((file) => file.startsWith('train/'))) return '';
  const tops = new Set(files.filter((file) => file.split('/')[1] === 'train').map((file) => `${file.split('/')[0]}/`));
  if (tops.size > 1) {
    throw new InvalidInputError(
      `${path} contains several datasets (${[...tops].sort().join(', ')}); import them one by one`,
    );
  }
  return [...tops][0] ?? '';
}

/** Files that operating systems create in folders and archives on their own. */
function isLitter(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || /^(__MACOSX|Thumbs\.db|desktop\.ini)$/i.test(part));
}

/** By code unit, as the order must not depend on the locale. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
