import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { planShapes } from '../../src/importers/shapes/importer.js';
import { shapesClasses } from '../../src/importers/shapes/outlines.js';
import { captionedGridPng } from '../../src/samples/captionedGrid.js';

/** In docs/api.md. After a change of the grid: remove the file and run this test. */
const file = new URL('../../../../docs/pictures/samples.png', import.meta.url);
const count = 20;

it('the picture of the documents is the grid as it is drawn now', async () => {
  const images = new Uint8Array(count * 32 * 32 * 3);
  const labels: number[] = [];
  const writer = {
    async write(split: string, _start: number, pixels: Uint8Array, classes: Int32Array) {
      if (split !== 'train') return;
      images.set(pixels);
      labels.push(...classes);
    },
  };
  await planShapes({ trainImages: count, testImages: 1 }).write(writer as never, () => {}, undefined);
  const order = [...labels.keys()].sort((a, b) => Number(labels[a]) - Number(labels[b]) || a - b);
  const bytes = images.length / count;
  const sorted = Buffer.concat(order.map((i) => images.subarray(i * bytes, (i + 1) * bytes)));
  const captions = order.map((i) => ({ name: shapesClasses[labels[i] ?? 0] ?? '', note: `#${i}` }));
  const png = await captionedGridPng({ images: sorted, shape: [32, 32, 3], columns: 10, scale: 2 }, captions);
  if (!existsSync(file)) await writeFile(file, png);
  const pixels = (picture: Buffer) => sharp(picture).raw().toBuffer();
  const [now, kept] = [await pixels(png), await pixels(await readFile(file))];
  expect(now.length).toBe(kept.length);
  // Versions of libvips differ in the last bits of smoothed edges.
  expect(now.every((value, i) => Math.abs(value - (kept[i] ?? 0)) < 16)).toBe(true);
});
