import type { Dataset } from '@trainyard/contracts';
import { type PackedOptions, PackedWriter } from './writer.js';

/** Images `[n, height, width, channels]` uint8 and their labels `[n]`. */
export interface LabelledImages {
  images: Uint8Array;
  labels: Int32Array;
}

/** Packs a small set that is already in memory. The last `validationImages` of `train` are for validation. */
export async function writePacked(
  file: string,
  set: Omit<PackedOptions, 'trainImages' | 'testImages'> & { train: LabelledImages; test: LabelledImages },
): Promise<Dataset> {
  const { train, test, validationImages = 0, ...options } = set;
  const writer = await PackedWriter.create(file, {
    ...options,
    trainImages: train.labels.length - validationImages,
    validationImages,
    testImages: test.labels.length,
  });
  try {
    await writer.write('train', 0, train.images, train.labels);
    await writer.write('test', 0, test.images, test.labels);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  return writer.finish();
}
