import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type LabelledImages, writePacked } from '@trainyard/datasets';
import { permutation, randomWords, toUnit } from '@trainyard/program';

interface SetSize {
  /** `[height, width, channels]` */
  imageShape: [number, number, number];
  classes: number;
  train: number;
}

export const sets = {
  colours: { imageShape: [32, 32, 3], classes: 10, train: 400 },
  photos: { imageShape: [64, 64, 3], classes: 10, train: 400 },
  grey: { imageShape: [28, 28, 1], classes: 10, train: 400 },
  wide: { imageShape: [48, 64, 3], classes: 5, train: 300 },
  two: { imageShape: [24, 24, 3], classes: 2, train: 300 },
  hundred: { imageShape: [20, 20, 3], classes: 100, train: 1500 },
} as const satisfies Record<string, SetSize>;
export type SetName = keyof typeof sets;

/** Enough that one image more or less shows. */
export const testImages = 200;

/** Side of the squares of a pattern, in pixels. */
const square = 8;

/** Squares whose brightness is that of a class, under noise: learnable in a few steps, but not without errors. */
function generate({ imageShape: [height, width, channels], classes }: SetSize, count: number, seed: number) {
  const values = height * width * channels;
  const labels = permutation(count, seed, 1, 0).map((position) => position % classes);
  const squares = Math.ceil(width / square) * Math.ceil(height / square) * channels;
  const patterns = randomWords(classes * squares, 5, 3, 0);
  const images = Uint8Array.from(randomWords(count * values, seed, 2, 0), (word, i) => {
    const [channel, pixel] = [i % channels, Math.floor((i % values) / channels)];
    const column = Math.floor((pixel % width) / square);
    const row = Math.floor(pixel / width / square);
    const at = (row * Math.ceil(width / square) + column) * channels + channel;
    const label = labels[Math.floor(i / values)] as number;
    return 150 * toUnit(word) + 100 * toUnit(patterns[label * squares + at] as number);
  });
  return { images, labels };
}

/** Writes all sets into a folder of datasets. @returns the test split of each */
export async function writeSets(datasets: string): Promise<Record<SetName, LabelledImages>> {
  const tests = await Promise.all(
    Object.entries(sets).map(async ([name, size]) => {
      const file = path.join(datasets, name, '1.packed');
      await mkdir(path.dirname(file), { recursive: true });
      const [train, test] = [generate(size, size.train, 7), generate(size, testImages, 8)];
      const classes = Array.from({ length: size.classes }, (_, label) => `class ${label}`);
      const { imageShape } = size;
      await writePacked(file, {
        name,
        version: 1,
        classes,
        imageShape: [...imageShape],
        source: 'generated',
        train,
        test,
      });
      return [name, test] as const;
    }),
  );
  return Object.fromEntries(tests) as Record<SetName, LabelledImages>;
}
