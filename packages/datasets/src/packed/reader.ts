import { type Dataset, InvalidInputError } from '@trainyard/contracts';
import { readExactly, withFile } from './files.js';
import { bytesOfImage, int32FromLittleEndian, type Split, type SplitSections } from './format.js';
import { readHeader } from './header.js';

export interface PackedDataset {
  dataset: Dataset;
  sourceDigest: string | null;
  train: SplitSections;
  test: SplitSections;
  /** All labels of a split, `[images]`, each in 0 .. classes - 1. */
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
  const { dataset, sourceDigest, train, test } = header;
  const imageBytes = bytesOfImage(dataset.imageShape);
  return {
    dataset,
    sourceDigest,
    train,
    test,
    async readLabels(split) {
      const { offset, bytes } = header[split].labels;
      return withFile(file, async (handle) => int32FromLittleEndian(await readExactly(handle, offset, bytes)));
    },
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
