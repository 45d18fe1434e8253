import { basename } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { openImages, type PackedDataset, type Picture, type ProjectDatasets } from '@trainyard/datasets';
import { openDataset } from '#services/openDataset.js';
import type { BatchCommand } from './messages.js';

/** An image of a batch. */
export type BatchImage = {
  name: string;
  /** Its true class; null: unknown. */
  actual: string | null;
} & ({ picture: Picture } | { fault: string });

export interface BatchImages {
  count: number;
  read(): AsyncIterable<BatchImage>;
  close(): Promise<void>;
}

/** Images of a dataset that are read at once. */
const chunk = 64;

/** @throws InvalidInputError; NotFoundError where the dataset is gone */
export async function openSource(
  datasets: ProjectDatasets,
  { source, maxImages, maxBytes }: BatchCommand,
): Promise<BatchImages> {
  const images =
    source.kind === 'dataset'
      ? await ofDataset(await openDataset(datasets, source.name, source.version), source.split)
      : await ofUpload(source, { entries: 2 * maxImages, entryBytes: maxBytes });
  if (images.count <= maxImages) return images;
  await images.close();
  throw new InvalidInputError(
    `there are ${images.count} images, and ${maxImages} may be predicted at once; predict them in parts`,
  );
}

async function ofDataset(packed: PackedDataset, wanted: 'train' | 'validation' | 'test' | 'all'): Promise<BatchImages> {
  const { trainImages, validationImages, testImages, classes, imageShape } = packed.dataset;
  const all = [
    { split: 'train', stored: 'train', from: 0, count: trainImages },
    { split: 'validation', stored: 'train', from: trainImages, count: validationImages },
    { split: 'test', stored: 'test', from: 0, count: testImages },
  ] as const;
  const parts = all.filter(({ split }) => wanted === 'all' || wanted === split);
  const imageBytes = imageShape.reduce((a, b) => a * b, 1);
  return {
    count: parts.reduce((sum, { count }) => sum + count, 0),
    async *read() {
      for (const { split, stored, from, count } of parts) {
        const labels = await packed.readLabels(stored);
        for (let start = 0; start < count; start += chunk) {
          const length = Math.min(chunk, count - start);
          const indices = Array.from({ length }, (_, i) => from + start + i);
          const pixels = await packed.readImages(stored, indices);
          for (const [i, index] of indices.entries()) {
            yield {
              name: `${split}/${start + i}`,
              actual: classes[labels[index] ?? -1] ?? null,
              picture: {
                kind: 'pixels',
                pixels: pixels.subarray(i * imageBytes, (i + 1) * imageBytes),
                shape: imageShape,
              },
            };
          }
        }
      }
    },
    close: async () => {},
  };
}

async function ofUpload(
  { file, label }: { file: string; label: string },
  limits: { entries: number; entryBytes: number },
): Promise<BatchImages> {
  const images = await openImages(file, limits);
  return {
    count: images.count,
    async *read() {
      for await (const { name, ...content } of images.read()) {
        // An image that is no archive has the name of the upload's file on this disk.
        yield { ...content, name: name === basename(file) ? label : name, actual: null };
      }
    },
    close: () => images.close(),
  };
}
