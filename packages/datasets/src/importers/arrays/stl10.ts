import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import type { ImageShape } from '../../packed/format.js';
import type { Importer, Listing } from '../listing.js';
import { type ArrayPart, listArrays, sliceImages } from './arrayListing.js';
import { readMembers } from './readMembers.js';

const shape: ImageShape = [96, 96, 3];
const imageBytes = 96 * 96 * 3;
const defaultClasses = ['airplane', 'bird', 'car', 'cat', 'deer', 'dog', 'horse', 'monkey', 'ship', 'truck'];

/** STL-10's binary files (https://cs.stanford.edu/~acoates/stl10/): planes in column-major order, labels from 1. */
export const stl10: Importer = {
  title: 'STL-10 (binary)',
  recognises: ({ files }) => folderOf(files.map(({ path }) => path)) !== null,
  list,
};

function folderOf(paths: string[]): string | null {
  const all = new Set(paths);
  const found = paths.find((path) => basename(path) === 'train_X.bin');
  if (found === undefined) return null;
  const folder = found.slice(0, found.length - 'train_X.bin'.length);
  return all.has(`${folder}train_y.bin`) ? folder : null;
}

async function list(archive: Archive): Promise<Listing> {
  const paths = archive.files.map(({ path }) => path);
  const folder = folderOf(paths);
  if (folder === null) throw new Error(`${archive.path} is not STL-10`);
  const splits = (['train', 'test'] as const).filter((split) => paths.includes(`${folder}${split}_X.bin`));
  const namesFile = `${folder}class_names.txt`;
  const wanted = splits.flatMap((split) => [`${folder}${split}_X.bin`, `${folder}${split}_y.bin`]);
  const contents = await readMembers(archive, paths.includes(namesFile) ? [...wanted, namesFile] : wanted);
  const names = contents
    .get(namesFile)
    ?.toString('utf8')
    .split(/\r?\n/)
    .filter((name) => name.trim() !== '');
  const classes = names ?? defaultClasses;
  const unlabelled = paths.some((path) => basename(path) === 'unlabeled_X.bin');
  return listArrays({
    parts: splits.map((split) => partOf(archive.path, folder, split, contents, classes)),
    classes,
    suggestedName: null,
    notes: unlabelled ? ['The images of unlabeled_X.bin have no classes and were left out.'] : [],
  });
}

function partOf(
  source: string,
  folder: string,
  split: 'train' | 'test',
  contents: Map<string, Buffer>,
  classes: string[],
): ArrayPart {
  const file = `${folder}${split}_X.bin`;
  const pixels = contents.get(file) as Buffer;
  const labels = contents.get(`${folder}${split}_y.bin`) as Buffer;
  if (pixels.length !== labels.length * imageBytes || labels.length === 0) {
    throw new InvalidInputError(
      `${source}: ${file} has ${pixels.length} bytes for ${labels.length} labels; copy it again`,
    );
  }
  const classNames = Array.from(labels, (label) => {
    const name = classes[label - 1];
    if (name === undefined)
      throw new InvalidInputError(`${source}: ${split}_y.bin has the label ${label}; STL-10 has 1 to 10`);
    return name;
  });
  return { file, split, shape, classNames, images: () => upright(sliceImages(pixels, 0, imageBytes)) };
}

/** `[channels, width, height]` to `[height, width, channels]`. */
function* upright(images: Iterable<Uint8Array>): Generator<Uint8Array> {
  const [height, width, channels] = shape;
  for (const planes of images) {
    const pixels = new Uint8Array(imageBytes);
    for (let c = 0; c < channels; c++) {
      for (let x = 0; x < width; x++) {
        for (let y = 0; y < height; y++) {
          pixels[(y * width + x) * channels + c] = planes[c * width * height + x * height + y] as number;
        }
      }
    }
    yield pixels;
  }
}
