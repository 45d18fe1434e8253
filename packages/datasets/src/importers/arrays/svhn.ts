import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import type { Importer, Listing } from '../listing.js';
import { type ArrayPart, digits, listArrays } from './arrayListing.js';
import { readMatlab } from './matlab.js';
import type { NumpyArray } from './npy.js';
import { isNumeric, numberedImages } from './numberedImages.js';
import { readMembers } from './readMembers.js';

const pattern = /^(train|test|extra)_32x32\.mat$/i;

/** SVHN's cropped digits (http://ufldl.stanford.edu/housenumbers/): X `[32, 32, 3, n]`, y with 10 for the digit 0. */
export const svhn: Importer = {
  title: 'SVHN (cropped digits, .mat)',
  recognises: ({ files }) => files.some(({ path }) => pattern.test(basename(path))),
  list,
};

async function list(archive: Archive): Promise<Listing> {
  const found = archive.files.map(({ path }) => path).filter((path) => pattern.test(basename(path)));
  const used = found.filter((path) => !/^extra/i.test(basename(path)));
  if (used.length === 0)
    throw new InvalidInputError(`${archive.path} has only SVHN's extra images; add train_32x32.mat`);
  const contents = await readMembers(archive, used);
  const parts = used
    .sort((a, b) => (basename(b) < basename(a) ? -1 : 1))
    .map((path) => partOf(contents.get(path) as Buffer, path, archive.path));
  const extra = found.length > used.length;
  return listArrays({
    parts,
    classes: digits,
    suggestedName: null,
    notes: extra ? ['The images of extra_32x32.mat were left out; rename it to train_32x32.mat to train on them.'] : [],
  });
}

function partOf(bytes: Buffer, path: string, source: string): ArrayPart {
  const file = `${source}: ${path}`;
  const arrays = readMatlab(bytes, file);
  const x = arrays.get('X');
  const y = arrays.get('y');
  if (x === undefined || y === undefined || x.shape.length !== 4 || !isNumeric(y.values)) {
    throw new InvalidInputError(
      `${file} has no matrices X of images and y of labels; it is not SVHN's train_32x32.mat`,
    );
  }
  const [height, width, channels, count] = x.shape as [number, number, number, number];
  const [strideY, strideX, strideC, strideN] = x.strides as [number, number, number, number];
  // The axis of the images first, as the others have it.
  const turned: NumpyArray = {
    ...x,
    shape: [count, height, width, channels],
    strides: [strideN, strideY, strideX, strideC],
  };
  const labels = Array.from(y.values);
  if (labels.length !== count) throw new InvalidInputError(`${file} has ${count} images, but ${labels.length} labels`);
  const classNames = labels.map((label) => {
    const name = digits[label === 10 ? 0 : label];
    if (name === undefined) throw new InvalidInputError(`${file} has the label ${label}; SVHN has 1 to 10`);
    return name;
  });
  const { shape, images } = numberedImages(turned, file);
  return { file: path, split: /^train/i.test(basename(path)) ? 'train' : 'test', classNames, shape, images };
}
