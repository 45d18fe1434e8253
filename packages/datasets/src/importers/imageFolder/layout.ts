import { InvalidInputError } from '@trainyard/contracts';
import type { ListedPicture } from '../listing.js';

/** @returns whether some path looks like `train/<class>/<file>`, with or without one folder above. */
export function isImageFolder(files: string[]): boolean {
  return files.some((path) => /^([^/]+\/)?train\/[^/]+\/[^/]+$/.test(path));
}

/**
 * Reads split and class from the paths.
 * @throws InvalidInputError when the files are not laid out as train/<class>/<file> and test/<class>/<file>
 */
export function layOutImages(path: string, files: string[]): ListedPicture[] {
  const root = rootOf(path, files);
  const pictures: ListedPicture[] = [];
  for (const file of files) {
    if (!file.startsWith(root)) continue;
    const [split, className, name, ...deeper] = file.slice(root.length).split('/');
    if ((split !== 'train' && split !== 'test') || className === undefined) continue;
    if (name === undefined || deeper.length > 0) {
      throw new InvalidInputError(`${path}: ${file} must be directly in ${split}/<class>/, neither above nor deeper`);
    }
    pictures.push({ name: file, split, className });
  }
  return pictures;
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
