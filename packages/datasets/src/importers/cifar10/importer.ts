import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';
import { bytesOfImage } from '../../packed/format.js';
import type { Importer, ListedPicture, Listing } from '../listing.js';
import { type Batch, type BatchFormat, batchFormats, cifar10Classes, cifar10Shape, interleave } from './batches.js';
import { readPickle } from './pickle.js';
import { asText } from './pickledValues.js';

/** Images of the original archives. */
const originalCounts = { train: 50_000, test: 10_000 };

/** CIFAR-10's original archives, python and binary, or the folders that they unpack to. */
export const cifar10: Importer = {
  title: 'CIFAR-10 (python or binary)',
  recognises: ({ files }) => formatOf(files.map(({ path }) => path)) !== undefined,
  list,
};

function formatOf(paths: string[]): BatchFormat | undefined {
  const names = new Set(paths.map((path) => basename(path)));
  return batchFormats.find(({ trainBatches, testBatch }) => names.has(testBatch) && names.has(String(trainBatches[0])));
}

/** Reads the batches twice: first their labels, then the pixels. */
async function list(archive: Archive): Promise<Listing> {
  const format = formatOf(archive.files.map(({ path }) => path));
  if (format === undefined) throw new Error(`${archive.path} has no batches of CIFAR-10`);
  const classes = (await readClasses(archive)) ?? cifar10Classes;
  const labels = await readLabels(archive, format);
  const pictures: ListedPicture[] = [];
  const starts = new Map<string, number>();
  for (const batch of batchNames(format)) {
    starts.set(batch, pictures.length);
    const split = batch === format.testBatch ? 'test' : 'train';
    (labels.get(batch) as Uint8Array).forEach((label, row) => {
      pictures.push({
        name: `${batch} image ${row}`,
        split,
        className: nameOf(classes, label, `${archive.path}: ${batch}`),
      });
    });
  }
  const counts = { train: 0, test: 0 };
  for (const { split } of pictures) counts[split as 'train' | 'test']++;
  const original = counts.train === originalCounts.train && counts.test === originalCounts.test;
  return {
    pictures,
    classes,
    order: 'stored',
    notes: [],
    warnings: [],
    suggestedName: original ? 'cifar10' : null,
    async *read(wanted = () => true) {
      const imageBytes = bytesOfImage(cifar10Shape);
      for await (const { name, batch } of readBatches(archive, format)) {
        const pixels = interleave(batch.planes);
        for (let row = 0; row < batch.labels.length; row++) {
          const index = (starts.get(name) as number) + row;
          if (!wanted(index)) continue;
          const image = pixels.subarray(row * imageBytes, (row + 1) * imageBytes);
          yield { index, picture: { kind: 'pixels', pixels: image, shape: cifar10Shape } };
        }
      }
    },
  };
}

function nameOf(classes: string[], label: number, file: string): string {
  const name = classes[label];
  if (name === undefined)
    throw new InvalidInputError(`${file} has the label ${label}, but only ${classes.length} classes`);
  return name;
}

/** The names in the file beside the batches, as others store sets of their own in this format; null: none is there. */
async function readClasses(archive: Archive): Promise<string[] | null> {
  for await (const file of archive.read((path) => /^batches\.meta(?:\.txt)?$/.test(basename(path)))) {
    const bytes = await file.read();
    if (file.path.endsWith('.txt')) {
      const names = bytes.toString('utf8').split(/\r?\n/);
      return names.filter((name) => name.trim() !== '');
    }
    const meta = readPickle(bytes, `${archive.path}: ${file.path}`);
    const names = meta instanceof Map ? meta.get('label_names') : null;
    return Array.isArray(names) ? names.map(asText) : null;
  }
  return null;
}

/** Labels by batch. @throws InvalidInputError when one of the six batches is missing or there twice */
async function readLabels(archive: Archive, format: BatchFormat): Promise<Map<string, Uint8Array>> {
  const labels = new Map<string, Uint8Array>();
  for await (const { name, batch } of readBatches(archive, format)) {
    if (labels.has(name)) {
      throw new InvalidInputError(`${archive.path} contains ${name} in two folders; keep one of them`);
    }
    labels.set(name, batch.labels);
  }
  const missing = batchNames(format).filter((name) => !labels.has(name));
  if (missing.length > 0) {
    throw new InvalidInputError(`${archive.path} lacks ${missing.join(', ')}; copy or download the archive again`);
  }
  return labels;
}

const batchNames = ({ trainBatches, testBatch }: BatchFormat): string[] => [...trainBatches, testBatch];

/** The batches in the order in which they are stored, wherever in the archive they are. */
async function* readBatches(archive: Archive, format: BatchFormat): AsyncGenerator<{ name: string; batch: Batch }> {
  const names = batchNames(format);
  for await (const file of archive.read((path) => names.includes(basename(path)))) {
    const name = basename(file.path);
    yield { name, batch: format.decode(await file.read(), `${archive.path}: ${file.path}`) };
  }
}
