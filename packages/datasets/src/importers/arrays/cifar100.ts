import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import type { ImageShape } from '../../packed/format.js';
import { readPickle } from '../cifar10/pickle.js';
import { asList, asText, PickledArray } from '../cifar10/pickledValues.js';
import type { Importer, Listing } from '../listing.js';
import { type ArrayPart, interleavePlanes, listArrays, sliceImages } from './arrayListing.js';
import { readMembers } from './readMembers.js';

const shape: ImageShape = [32, 32, 3];
const imageBytes = 32 * 32 * 3;
/** A record of the binary version: coarse label, fine label, planes. */
const recordBytes = 2 + imageBytes;

/**
 * CIFAR-100's archives (https://www.cs.toronto.edu/~kriz/cifar.html), python and binary. The classes are the 100 fine
 * ones; `--labels coarse` takes the 20 superclasses.
 */
export const cifar100: Importer = {
  title: 'CIFAR-100 (python or binary)',
  recognises: ({ files }) => formatOf(files.map(({ path }) => path)) !== null,
  list,
};

interface Format {
  binary: boolean;
  train: string;
  test: string;
  /** Files that name the classes: one of the python version, two of the binary one. */
  names: string[];
}

/** The python version has `train`, `test` and `meta` in one folder. */
function formatOf(paths: string[]): Format | null {
  const all = new Set(paths);
  for (const path of paths) {
    const folder = path.slice(0, path.length - basename(path).length);
    const binary = {
      binary: true,
      train: `${folder}train.bin`,
      test: `${folder}test.bin`,
      names: [`${folder}fine_label_names.txt`, `${folder}coarse_label_names.txt`],
    };
    const python = { binary: false, train: `${folder}train`, test: `${folder}test`, names: [`${folder}meta`] };
    for (const format of [binary, python]) {
      if ([format.train, format.test, ...format.names].every((each) => all.has(each))) return format;
    }
  }
  return null;
}

async function list(archive: Archive, { labels }: { labels?: string | null }): Promise<Listing> {
  const format = formatOf(archive.files.map(({ path }) => path));
  if (format === null) throw new Error(`${archive.path} is not CIFAR-100`);
  if (labels !== null && labels !== undefined && !['coarse', 'fine'].includes(labels)) {
    throw new InvalidInputError(
      `CIFAR-100 has the labels fine and coarse, not ${labels}; choose one (--labels coarse)`,
    );
  }
  const coarse = labels === 'coarse';
  const contents = await readMembers(archive, [format.train, format.test, ...format.names]);
  const bytesOf = (path: string) => contents.get(path) as Buffer;
  const classes = format.binary
    ? bytesOf(format.names[coarse ? 1 : 0] as string)
        .toString('utf8')
        .split(/\r?\n/)
        .filter((name) => name.trim() !== '')
    : namesOfMeta(bytesOf(format.names[0] as string), coarse, archive.path);
  const part = format.binary ? binaryPart : pythonPart;
  return listArrays({
    parts: (['train', 'test'] as const).map((split) => {
      const file = format[split];
      return part(bytesOf(file), { file, split, coarse, classes, source: archive.path });
    }),
    classes,
    suggestedName: null,
    notes: coarse ? [] : ['The classes are the 100 fine ones; --labels coarse takes the 20 superclasses.'],
  });
}

interface PartOptions {
  file: string;
  split: 'train' | 'test';
  coarse: boolean;
  classes: string[];
  source: string;
}

function namesOfMeta(bytes: Buffer, coarse: boolean, source: string): string[] {
  const meta = readPickle(bytes, `${source}: meta`);
  const names = meta instanceof Map ? meta.get(coarse ? 'coarse_label_names' : 'fine_label_names') : null;
  if (!Array.isArray(names)) throw new InvalidInputError(`${source}: meta names no classes; copy the archive again`);
  return names.map(asText);
}

function pythonPart(bytes: Buffer, { file, split, coarse, classes, source }: PartOptions): ArrayPart {
  const batch = readPickle(bytes, `${source}: ${file}`);
  const data = batch instanceof Map ? batch.get('data') : null;
  const labels = batch instanceof Map ? batch.get(coarse ? 'coarse_labels' : 'fine_labels') : null;
  if (!(data instanceof PickledArray) || !Array.isArray(labels) || data.data.length !== labels.length * imageBytes) {
    throw new InvalidInputError(`${source}: ${file} is no batch of CIFAR-100; copy the archive again`);
  }
  const classNames = asList(labels).map((label) => nameOf(classes, label, `${source}: ${file}`));
  return { file, split, shape, classNames, images: () => planesOf(sliceImages(data.data, 0, imageBytes)) };
}

function binaryPart(bytes: Buffer, { file, split, coarse, classes, source }: PartOptions): ArrayPart {
  if (bytes.length === 0 || bytes.length % recordBytes !== 0) {
    throw new InvalidInputError(`${source}: ${file} has ${bytes.length} bytes, which is no multiple of ${recordBytes}`);
  }
  const records = [...sliceImages(bytes, 0, recordBytes)];
  return {
    file,
    split,
    shape,
    classNames: records.map((record) => nameOf(classes, record[coarse ? 0 : 1], `${source}: ${file}`)),
    images: () => planesOf(records.map((record) => record.subarray(2))),
  };
}

function* planesOf(images: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const planes of images) yield interleavePlanes(planes, shape);
}

function nameOf(classes: string[], label: unknown, file: string): string {
  const name = typeof label === 'number' ? classes[label] : undefined;
  if (name === undefined) throw new InvalidInputError(`${file} has the label ${String(label)}, which names no class`);
  return name;
}
