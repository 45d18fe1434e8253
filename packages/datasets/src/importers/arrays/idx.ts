import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import type { ImageShape } from '../../packed/format.js';
import type { Importer, Listing, SourceSplit } from '../listing.js';
import { type ArrayPart, digits, listArrays, sliceImages } from './arrayListing.js';
import { readMembers } from './readMembers.js';

/*
 * The IDX format of MNIST (http://yann.lecun.com/exdb/mnist/): two zero bytes, the type (8: uint8), the number of
 * dimensions, each dimension as a big-endian 32-bit integer, then the values.
 */

const pattern = /^(.*?)[-_.]?(images|labels)[-_.]idx[13][-_.]ubyte(?:\.gz)?$/i;

const fashionClasses = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];

interface Pair {
  images: string;
  labels: string;
  split: SourceSplit;
}

/** MNIST, Fashion-MNIST, KMNIST, EMNIST and others that are stored in pairs of images and labels. */
export const idx: Importer = {
  title: 'MNIST and its relatives (IDX files)',
  recognises: ({ files }) => files.some(({ path }) => pattern.test(basename(path))),
  list,
};

async function list(archive: Archive): Promise<Listing> {
  const pairs = findPairs(archive);
  const contents = await readMembers(
    archive,
    pairs.flatMap(({ images, labels }) => [images, labels]),
  );
  const parts = pairs.map((pair) => partOf(archive.path, pair, contents));
  const isFashion = /fashion/i.test(`${archive.path}/${pairs[0]?.images}`);
  const numbers = new Set(parts.flatMap(({ classNames }) => classNames));
  const namedFashion = isFashion && [...numbers].every((name) => digits.includes(name));
  if (namedFashion) {
    for (const part of parts) part.classNames = part.classNames.map((name) => fashionClasses[Number(name)] as string);
  }
  const numbered = [...numbers].sort((a, b) => Number(a) - Number(b));
  return listArrays({
    parts,
    classes: namedFashion ? fashionClasses : numbered,
    channels: 1,
    suggestedName: null,
    notes: namedFashion ? ['The classes have the names of Fashion-MNIST, since the path says fashion.'] : [],
  });
}

/** @throws InvalidInputError where images have no labels */
function findPairs({ path: source, files }: Archive): Pair[] {
  const labels = new Map<string, string>();
  const images = new Map<string, string>();
  for (const { path } of files) {
    const match = pattern.exec(basename(path));
    if (match === null) continue;
    const key = `${path.slice(0, path.length - basename(path).length)}${match[1]}`;
    const found = match[2]?.toLowerCase() === 'images' ? images : labels;
    // Where a file is there unpacked and as .gz, which torchvision leaves so, the first is taken.
    if (!found.has(key)) found.set(key, path);
  }
  const alone = [...images].filter(([key]) => !labels.has(key)).map(([, path]) => path);
  if (alone.length > 0 || images.size === 0) {
    const example = alone[0] ?? [...labels.values()][0];
    const missing = alone.length > 0 ? 'no labels (…-labels-idx1-ubyte)' : 'no images (…-images-idx3-ubyte)';
    throw new InvalidInputError(
      `${source} has ${missing} for ${example}; put images and labels into one folder and import that folder`,
    );
  }
  const pairs = [...images].map(([key, path]) => ({
    images: path,
    labels: labels.get(key) as string,
    split: splitOf(key),
  }));
  const splits = pairs.map(({ split }) => String(split));
  if (new Set(splits).size < splits.length) {
    throw new InvalidInputError(
      `${source} has several sets (${pairs.map(({ images: path }) => path).join(', ')}); ` +
        'import each from a folder of its own',
    );
  }
  const rank = ({ split }: Pair) => (split === 'train' ? 0 : 1);
  return pairs.sort((a, b) => rank(a) - rank(b));
}

function splitOf(key: string): SourceSplit {
  const name = basename(key).toLowerCase();
  if (/(?:^|[^a-z])train$|^train/.test(name)) return 'train';
  return /t10k|test/.test(name) ? 'test' : null;
}

function partOf(source: string, { images, labels, split }: Pair, contents: Map<string, Buffer>): ArrayPart {
  const pixels = readIdx(contents.get(images) as Buffer, `${source}: ${images}`);
  const classes = readIdx(contents.get(labels) as Buffer, `${source}: ${labels}`);
  const [count = 0, height = 0, width = 0, channels = 1] = pixels.dimensions;
  if (pixels.dimensions.length < 3 || ![1, 3].includes(channels)) {
    throw new InvalidInputError(
      `${source}: ${images} has the dimensions ${pixels.dimensions.join(' x ')}, not of images`,
    );
  }
  if (classes.dimensions.length !== 1 || classes.dimensions[0] !== count) {
    throw new InvalidInputError(
      `${source} has ${count} images in ${images}, but ${classes.dimensions.join(' x ')} labels in ${labels}; ` +
        'take both from the same set',
    );
  }
  const shape: ImageShape = [height, width, channels];
  return {
    file: images,
    split,
    shape,
    classNames: Array.from(classes.values, String),
    images: () => sliceImages(pixels.values, 0, height * width * channels),
  };
}

/** @throws InvalidInputError for anything but a whole IDX file of bytes */
export function readIdx(bytes: Buffer, file: string): { dimensions: number[]; values: Buffer } {
  const rank = bytes[3] ?? 0;
  const header = 4 + rank * 4;
  if (bytes.length < header || bytes.readUInt16BE(0) !== 0 || bytes[2] !== 8 || rank < 1 || rank > 4) {
    throw new InvalidInputError(`${file} is no IDX file of bytes; copy or download it again`);
  }
  const dimensions = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + i * 4));
  const values = bytes.subarray(header);
  const expected = dimensions.reduce((product, size) => product * size, 1);
  if (values.length !== expected) {
    throw new InvalidInputError(
      `${file} has ${values.length} bytes of values instead of ${dimensions.join(' x ')}; copy or download it again`,
    );
  }
  return { dimensions, values };
}
