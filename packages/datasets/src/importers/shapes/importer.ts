import { setImmediate } from 'node:timers/promises';
import type { Split } from '../../packed/format.js';
import { mix, RandomStream } from '../../random.js';
import type { SetPlan } from '../../sets/plan.js';
import { drawImage, side } from './drawing.js';
import { type ShapeClass, shapesClasses } from './outlines.js';

/** Increase it whenever the images change. */
export const shapesVersion = 1;

const imageBytes = side * side * 3;
const chunkImages = 500;
/** Part of the key of every image, so that no image of one split is in the other. */
const splitKeys = { train: 0x5eed0001, test: 0x5eed0002 };

/** Generates the dataset `shapes`: the same images every time, the classes in turn. */
export function planShapes({ trainImages = 10_000, testImages = 2_000 } = {}): SetPlan {
  return {
    suggestedName: 'shapes',
    classes: [...shapesClasses],
    imageShape: [side, side, 3],
    trainImages,
    testImages,
    async write(writer, onProgress, signal) {
      let done = 0;
      for (const [split, count] of [
        ['train', trainImages],
        ['test', testImages],
      ] as const) {
        for (let start = 0; start < count; start += chunkImages) {
          const { images, labels } = drawChunk(split, start, Math.min(chunkImages, count - start));
          signal?.throwIfAborted();
          await writer.write(split, start, images, labels);
          done += labels.length;
          onProgress({ phase: 'generating', done, total: trainImages + testImages });
          // Drawing never waits: this lets timers and sockets run between two chunks.
          await setImmediate();
        }
      }
      return { notes: [], warnings: [], skipped: [], skippedCount: 0 };
    },
  };
}

function drawChunk(split: Split, start: number, count: number): { images: Uint8Array; labels: Int32Array } {
  const images = new Uint8Array(count * imageBytes);
  const labels = Int32Array.from({ length: count }, (_, i) => (start + i) % shapesClasses.length);
  labels.forEach((label, i) => {
    const random = new RandomStream(mix(splitKeys[split] ^ mix(start + i)));
    const pixels = images.subarray(i * imageBytes, (i + 1) * imageBytes);
    drawImage(pixels, shapesClasses[label] as ShapeClass, random);
  });
  return { images, labels };
}
