import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { readEntries } from '../../archives/index.js';
import type { Split } from '../../packed/format.js';
import type { Archive, Importer, ImportPlan } from '../importer.js';
import { type Batch, type BatchFormat, batchFormats, cifar10Classes, cifar10Shape, interleave } from './batches.js';

/** CIFAR-10's original archives, python and binary, or the folders that they unpack to. */
export const cifar10: Importer = {
  recognises: (files) => formatOf(files) !== undefined,
  plan,
};

function formatOf(files: string[]): BatchFormat | undefined {
  const names = new Set(files.map((path) => basename(path)));
  return batchFormats.find(({ trainBatches, testBatch }) => names.has(testBatch) && names.has(String(trainBatches[0])));
}

/** Reads the batches twice: to count their images, then to write them. */
async function plan(archive: Archive): Promise<ImportPlan> {
  const format = formatOf(archive.files);
  if (format === undefined) throw new Error(`${archive.path} has no batches of CIFAR-10`);
  const counts = await countBatches(archive, format);
  const starts = new Map<string, number>();
  let trainImages = 0;
  for (const batch of format.trainBatches) {
    starts.set(batch, trainImages);
    trainImages += counts.get(batch) ?? 0;
  }
  const testImages = counts.get(format.testBatch) ?? 0;
  starts.set(format.testBatch, 0);
  return {
    suggestedName: 'cifar10',
    classes: cifar10Classes,
    imageShape: cifar10Shape,
    trainImages,
    testImages,
    async write(writer, onProgress) {
      let done = 0;
      for await (const { name, batch } of readBatches(archive, format)) {
        const split: Split = name === format.testBatch ? 'test' : 'train';
        await writer.write(split, starts.get(name) ?? 0, interleave(batch.planes), batch.labels);
        done += batch.labels.length;
        onProgress({ phase: 'importing', done, total: trainImages + testImages });
      }
    },
  };
}

/** Images per batch. @throws InvalidInputError when one of the six batches is missing or there twice */
async function countBatches(archive: Archive, format: BatchFormat): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { name, batch } of readBatches(archive, format)) {
    if (counts.has(name)) {
      throw new InvalidInputError(`${archive.path} contains ${name} in two folders; keep one of them`);
    }
    counts.set(name, batch.labels.length);
  }
  const missing = batchNames(format).filter((name) => !counts.has(name));
  if (missing.length > 0) {
    throw new InvalidInputError(`${archive.path} lacks ${missing.join(', ')}; copy or download the archive again`);
  }
  return counts;
}

const batchNames = ({ trainBatches, testBatch }: BatchFormat): string[] => [...trainBatches, testBatch];

/** The batches in the order in which they are stored, wherever in the archive they are. */
async function* readBatches(
  { path, limits }: Archive,
  format: BatchFormat,
): AsyncGenerator<{ name: string; batch: Batch }> {
  const names = batchNames(format);
  for await (const entry of readEntries(path, limits)) {
    const name = basename(entry.path);
    if (names.includes(name)) yield { name, batch: format.decode(await entry.read(), `${path}: ${entry.path}`) };
  }
}
