import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import { openArchive } from '../../archives/openArchive.js';
import type { Importer, Listing, SourceSplit } from '../listing.js';
import { type ArrayPart, listArrays } from './arrayListing.js';
import { type NumpyArray, readNpy } from './npy.js';
import { labelNames, numberedImages, sortedClasses } from './numberedImages.js';
import { readMembers } from './readMembers.js';

/** NumPy arrays: an .npz file (Keras, MedMNIST and others), or .npy files in a folder. */
export const numpy: Importer = {
  title: 'NumPy arrays (.npz, .npy)',
  recognises: ({ files }) => files.some(({ path }) => /\.np[yz]$/i.test(path)),
  list,
};

type Role = 'images' | 'labels';

interface Named {
  file: string;
  split: SourceSplit;
  role: Role;
  array: NumpyArray;
}

async function list(archive: Archive): Promise<Listing> {
  const packed = archive.files.filter(({ path }) => /\.npz$/i.test(path)).map(({ path }) => path);
  if (packed.length > 0) return listPacked(archive, packed);
  const paths = archive.files.filter(({ path }) => /\.npy$/i.test(path)).map(({ path }) => path);
  const contents = await readMembers(archive, paths);
  const arrays = paths.map((path) => ({
    path,
    array: readNpy(contents.get(path) as Buffer, `${archive.path}: ${path}`),
  }));
  const named = rolesOf(arrays, archive.path);
  const parts = partsOf(named, archive.path);
  const notes = parts.flatMap(({ note }) => note ?? []);
  return listArrays({
    parts,
    classes: sortedClasses(parts.flatMap(({ classNames }) => classNames)),
    ...(parts.every(({ shape }) => shape[2] === 1) ? { channels: 1 as const } : {}),
    suggestedName: null,
    notes,
  });
}

/** An .npz is a zip: as the source itself it is opened as one; here it lies in a folder. */
async function listPacked(archive: Archive, packed: string[]): Promise<Listing> {
  const [only] = packed;
  if (packed.length > 1 || only === undefined) {
    throw new InvalidInputError(
      `${archive.path} has several .npz files (${packed.slice(0, 5).join(', ')}); import one of them by its path`,
    );
  }
  const file = (await archive.locate((path) => path === only)).get(only);
  if (file === undefined) throw new InvalidInputError(`${archive.path} changed while it was read; import it again`);
  return list(await openArchive(file, {}));
}

/** The split and the role that a name such as `x_train`, `train_images` or `y` gives an array; null: none. */
function meaningOf(path: string): { split: SourceSplit; role: Role } | null {
  const words = basename(path)
    .replace(/\.npy$/i, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  let split: SourceSplit = null;
  let role: Role | null = null;
  for (const word of words) {
    if (/^(?:train|training|tr)$/.test(word)) split = 'train';
    else if (/^(?:val|valid|validation|dev)$/.test(word)) split = 'validation';
    else if (/^(?:test|testing|te|eval)$/.test(word)) split = 'test';
    else if (/^(?:x|images?|imgs?|data|pixels|features|inputs?|samples|pictures)$/.test(word)) role = 'images';
    else if (/^(?:y|labels?|targets?|classes|class|digits?|category|ids)$/.test(word)) role = 'labels';
    else if (!/^(?:mnist|cifar|set|arr|np)$/.test(word)) return null;
  }
  return role === null ? null : { split, role };
}

function rolesOf(arrays: { path: string; array: NumpyArray }[], source: string): Named[] {
  const named = arrays.flatMap(({ path, array }) => {
    const meaning = meaningOf(path);
    return meaning === null ? [] : [{ file: path, array, ...meaning }];
  });
  if (named.length > 0) return named;
  // Arrays without names (numpy.savez(x, y)): distinguished by their dimensions where there is one of each.
  const images = arrays.filter(({ array }) => array.shape.length >= 3);
  const labels = arrays.filter(
    ({ array, path }) => array.shape.length === 1 && !images.some((image) => image.path === path),
  );
  const [first] = images;
  const [second] = labels;
  if (images.length === 1 && labels.length === 1 && first && second && first.array.shape[0] === second.array.shape[0]) {
    return [
      { file: first.path, array: first.array, role: 'images', split: null },
      { file: second.path, array: second.array, role: 'labels', split: null },
    ];
  }
  const found = arrays.map(({ path, array }) => `${basename(path, '.npy')} ${array.shape.join('x')}`);
  throw new InvalidInputError(
    `${source} has the arrays ${found.join(', ')}, and no names that say which are images; save it again as ` +
      'numpy.savez(file, x_train=..., y_train=..., x_test=..., y_test=...)',
  );
}

type NotedPart = ArrayPart & { note: string | null };

function partsOf(named: Named[], source: string): NotedPart[] {
  const splits = ['train', 'validation', 'test', null] as const;
  const parts = splits.flatMap((split) => {
    const images = named.filter((each) => each.split === split && each.role === 'images');
    const labels = named.filter((each) => each.split === split && each.role === 'labels');
    const [first] = images;
    const [second] = labels;
    if (first === undefined) return [];
    if (images.length > 1 || labels.length !== 1 || second === undefined) {
      throw new InvalidInputError(
        `${source} has ${images.length} arrays of images and ${labels.length} of labels for ${split ?? 'all images'} ` +
          `(${[...images, ...labels].map(({ file }) => file).join(', ')}); keep one of each`,
      );
    }
    return [partOf(first, second, source)];
  });
  if (parts.length === 0)
    throw new InvalidInputError(`${source} has labels, but no array of images; add one (x_train)`);
  return parts;
}

function partOf(images: Named, labels: Named, source: string): NotedPart {
  const { count, shape, note, images: read } = numberedImages(images.array, `${source}: ${images.file}`);
  const classNames = labelNames(labels.array, `${source}: ${labels.file}`);
  if (classNames.length !== count) {
    throw new InvalidInputError(
      `${source} has ${count} images in ${images.file}, but ${classNames.length} labels in ${labels.file}`,
    );
  }
  return { file: images.file, split: images.split, classNames, shape, images: read, note };
}
