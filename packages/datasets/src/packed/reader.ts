import { type Dataset, type DatasetDetail, InvalidInputError } from '@trainyard/contracts';
import { readExactly, withFile } from './files.js';
import {
  bytesOfImage,
  int32FromLittleEndian,
  type PackedDetail,
  type PackedHeader,
  packedDetailSchema,
  type Split,
  type SplitSections,
} from './format.js';
import { readHeader } from './header.js';

export interface PackedDataset {
  dataset: Dataset;
  sourceDigest: string | null;
  origin: string | null;
  train: SplitSections;
  test: SplitSections;
  /** With the counts of each class, what was left out, and the options of the import. */
  readDetail(): Promise<DatasetDetail>;
  /**
   * All labels of a split, `[images]`, each in 0 .. classes - 1. `train` ends with the images of a validation split of
   * its own.
   */
  readLabels(split: Split): Promise<Int32Array>;
  /** The chosen images, `[indices.length, height, width, channels]`, uint8. Throws RangeError for an index outside. */
  readImages(split: Split, indices: ArrayLike<number>): Promise<Uint8Array>;
}

/**
 * Opens a packed file: reads and checks its header.
 * @throws InvalidInputError when it does not exist, is not a packed file, or is cut short
 */
export async function openPacked(file: string): Promise<PackedDataset> {
  const header = await readHeader(file).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new InvalidInputError(`${file} does not exist; import the dataset again`) : error;
  });
  const { dataset, sourceDigest, origin, train, test } = header;
  const imageBytes = bytesOfImage(dataset.imageShape);
  const readLabels = (split: Split) => {
    const { offset, bytes } = header[split].labels;
    return withFile(file, async (handle) => int32FromLittleEndian(await readExactly(handle, offset, bytes)));
  };
  return {
    dataset,
    sourceDigest,
    origin,
    train,
    test,
    async readDetail() {
      const labels = await readLabels('train');
      const count = (some: Int32Array) => countOf(some, dataset.classes.length);
      return {
        ...dataset,
        counts: {
          train: count(labels.subarray(0, dataset.trainImages)),
          validation: count(labels.subarray(dataset.trainImages)),
          test: count(await readLabels('test')),
        },
        ...(await readStoredDetail(file, header)),
      };
    },
    readLabels,
    async readImages(split, indices) {
      const { offset, bytes } = header[split].images;
      const images = new Uint8Array(indices.length * imageBytes);
      await withFile(file, async (handle) => {
        for (let i = 0; i < indices.length; i++) {
          const start = Number(indices[i]) * imageBytes;
          if (!(start >= 0 && start + imageBytes <= bytes)) {
            throw new RangeError(`${dataset.name} has no ${split} image ${indices[i]}`);
          }
          await readExactly(handle, offset + start, imageBytes, images.subarray(i * imageBytes, (i + 1) * imageBytes));
        }
      });
      return images;
    },
  };
}

function countOf(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

async function readStoredDetail(file: string, { detail }: PackedHeader): Promise<PackedDetail> {
  if (detail === undefined) return { skipped: [], skippedCount: 0, options: {} };
  const bytes = await withFile(file, (handle) => readExactly(handle, detail.offset, detail.bytes));
  return packedDetailSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
}
