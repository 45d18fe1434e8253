import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type LabelledImages, writePacked } from '@trainyard/datasets';

const side = 32;
const pixels = side * side * 3;

/**
 * Ten classes of noise, each brighter in a stripe of its own: learnable, and small enough to be generated for each
 * test.
 *
 * @returns `count` images, uint8 [count, 32, 32, 3], and their labels [count].
 */
function generate(count: number, seed: number): LabelledImages {
  const set = { images: new Uint8Array(count * pixels), labels: new Int32Array(count) };
  let state = seed;
  for (let image = 0; image < count; image += 1) {
    const label = image % 10;
    set.labels[image] = label;
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      // Numerical Recipes' linear congruential generator: the same images on every machine.
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const inStripe = Math.floor((pixel / (side * 3)) * (10 / side)) === label;
      set.images[image * pixels + pixel] = (state >>> 25) + (inStripe ? 110 : 0);
    }
  }
  return set;
}

export const stripes = { name: 'stripes', trainImages: 2000, testImages: 500 } as const;

/** Writes the dataset `stripes` into a folder of datasets. Returns the path of its packed file. */
export async function addStripes(datasets: string): Promise<string> {
  const file = path.join(datasets, stripes.name, '1.packed');
  await mkdir(path.dirname(file), { recursive: true });
  await writePacked(file, {
    name: stripes.name,
    version: 1,
    classes: Array.from({ length: 10 }, (_, label) => `stripe ${label}`),
    imageShape: [side, side, 3],
    source: 'generated',
    train: generate(stripes.trainImages, 1),
    test: generate(stripes.testImages, 2),
  });
  return file;
}
