import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import { sortedClasses } from '../arrays/numberedImages.js';
import { splitOfName } from '../images/splitNames.js';
import type { Importer, ListedPicture, Listing, SourceSplit } from '../listing.js';
import { readFiles } from '../readFiles.js';

/*
 * WebDataset (https://github.com/webdataset/webdataset): the files of a sample follow each other in a tar and share a
 * key, which is the path up to the first dot of the file's name: `000017.jpg`, `000017.cls`. Shards in a folder arrive
 * here as folders of their names.
 */

const imageExtension = /(?:^|\.)(?:jpe?g|png|webp|ppm|pgm|pbm|gif|bmp|tiff?|avif)$/i;
const shardName = /[-_.]?\d{4,}$/;
/** Fields of a JSON file that name the class, in the order of preference. */
const jsonFields = ['class_name', 'label_name', 'class', 'label', 'cls', 'category', 'target'];
const mostTextBytes = 1024 * 1024;

/** Shards of image files with a class file (.cls), or a JSON file that has the class, beside each. */
export const webdataset: Importer = {
  title: 'WebDataset shards',
  recognises: ({ files }) => {
    const paths = files.map(({ path }) => path);
    if (!paths.some((path) => imageExtension.test(extensionOf(path)))) return false;
    return paths.some((path) => extensionOf(path) === 'cls') || areShards(paths);
  },
  list,
};

/** A JSON file beside each image is only an annotation where the folders are no shards. */
function areShards(paths: string[]): boolean {
  const json = new Set(paths.filter((path) => extensionOf(path) === 'json').map(keyOf));
  const images = paths.filter((path) => imageExtension.test(extensionOf(path)));
  return (
    json.size > 0 &&
    images.every((path) => json.has(keyOf(path)) && shardName.test(path.slice(0, Math.max(0, path.lastIndexOf('/')))))
  );
}

const nameStart = (path: string): number => path.lastIndexOf('/') + 1;

function keyOf(path: string): string {
  const dot = path.indexOf('.', nameStart(path));
  return dot === -1 ? path : path.slice(0, dot);
}

function extensionOf(path: string): string {
  return path.slice(keyOf(path).length + 1).toLowerCase();
}

async function list(archive: Archive): Promise<Listing> {
  const paths = archive.files.map(({ path }) => path);
  const images = paths.filter((path) => imageExtension.test(extensionOf(path)));
  const suffix = paths.some((path) => extensionOf(path) === 'cls') ? 'cls' : 'json';
  const labels = await readLabels(archive, suffix);
  const names = await readNames(archive);
  const pictures: ListedPicture[] = [];
  const warnings: string[] = [];
  const unlabelled: string[] = [];
  for (const path of images) {
    const label = labels.get(keyOf(path));
    if (label === undefined) unlabelled.push(path);
    else pictures.push({ name: path, split: splitOf(path), className: names?.[Number(label)] ?? label });
  }
  if (pictures.length === 0) {
    throw new InvalidInputError(
      `${archive.path} has ${images.length} images and no .${suffix} file with a class for any`,
    );
  }
  if (unlabelled.length > 0) {
    const shown = unlabelled.slice(0, 3).join(', ');
    warnings.push(`${unlabelled.length} images without a .${suffix} file that names a class were left out (${shown}).`);
  }
  const used = new Set(images.map(keyOf));
  const alone = [...labels.keys()].filter((key) => !used.has(key));
  if (alone.length > 0) {
    warnings.push(`${alone.length} classes without an image were left out (${alone.slice(0, 3).join(', ')}).`);
  }
  return {
    pictures,
    classes: names ?? sortedClasses(pictures.map(({ className }) => className)),
    order: 'stored',
    notes: names === null ? [] : ['classes.txt names the classes, by the number of its line.'],
    warnings,
    suggestedName: null,
    read: (wanted) => readFiles(archive, pictures, wanted),
  };
}

/** Of the shard or a folder around it: `train-000000`, `val/000.tar`. */
function splitOf(path: string): SourceSplit {
  for (const folder of path.split('/').slice(0, -1).reverse()) {
    const split = splitOfName(folder);
    if (split !== null) return split;
  }
  return null;
}

async function readLabels(archive: Archive, suffix: string): Promise<Map<string, string>> {
  const labels = new Map<string, string>();
  for await (const file of archive.read((path) => extensionOf(path) === suffix)) {
    const text = (await file.read(mostTextBytes)).toString('utf8').trim();
    const label = suffix === 'json' ? labelOfJson(text, `${archive.path}: ${file.path}`) : text;
    if (label !== null && label !== '') labels.set(keyOf(file.path), label);
  }
  return labels;
}

/** @returns null where no field names a class */
function labelOfJson(text: string, file: string): string | null {
  let fields: Record<string, unknown>;
  try {
    fields = Object(JSON.parse(text));
  } catch {
    throw new InvalidInputError(`${file} is no JSON; write the class of each image into a .cls file beside it`);
  }
  for (const name of jsonFields) {
    const value = fields[name];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return null;
}

/** Class names by number, from a file outside of the shards. */
async function readNames(archive: Archive): Promise<string[] | null> {
  for await (const file of archive.read((path) => /^(?:.*\/)?(?:classes|labels)\.txt$/i.test(path))) {
    const lines = (await file.read(mostTextBytes)).toString('utf8').split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  }
  return null;
}
