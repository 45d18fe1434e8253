import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captionedGridPng, maxCaptionedPixels } from '../../src/samples/captionedGrid.js';
import { isWritable, lettering, shortenedTo, widthOf } from '../../src/samples/lettering.js';

/** The files of this suite's process see no font of the system, as in a container. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fonts-'));
  const configuration = join(folder, 'fonts.conf');
  await writeFile(configuration, '<?xml version="1.0"?><fontconfig></fontconfig>');
  process.env.FONTCONFIG_FILE = configuration;
});
afterAll(() => rm(folder, { recursive: true }));

const shape: [number, number, number] = [4, 6, 3];
const grid = (count: number) => ({ images: new Uint8Array(count * 4 * 6 * 3), shape, columns: 2, scale: 2 });
const draw = async (...names: string[]) => {
  const png = await captionedGridPng(
    grid(names.length),
    names.map((name, i) => ({ name, note: `#${i}` })),
  );
  return sharp(png).raw().toBuffer({ resolveWithObject: true });
};

describe('a grid with captions, where the system has no fonts', () => {
  it('has the names below the images, and other pixels for another name', async () => {
    const svg = (text: string) =>
      sharp(
        Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text y="15">${text}</text></svg>`),
      )
        .raw()
        .toBuffer();
    expect(await svg('cat'), 'the system has fonts all the same').toEqual(await svg('dog'));
    const [cat, dog] = [await draw('cat', 'bird', 'cat'), await draw('dog', 'bird', 'cat')];
    expect(cat.info).toEqual(dog.info);
    const differ = [...cat.data.keys()].filter((i) => cat.data[i] !== dog.data[i]);
    const { width, channels } = cat.info;
    const places = differ.map((i) => ({ x: Math.floor(i / channels) % width, y: Math.floor(i / channels / width) }));
    expect(places.length).toBeGreaterThan(20);
    // Only in the first caption, which is below the image of the first row and in the first column.
    expect(places.every(({ x, y }) => x < width / 2 && y >= 2 + 8 && y < 2 + 8 + 32)).toBe(true);
    const darkest = places.map(({ x, y }) => cat.data[(y * width + x) * channels] ?? 255).sort((a, b) => a - b)[0];
    expect(darkest).toBeLessThan(100);
  });

  it('keeps columns apart and within the size that is foreseen', async () => {
    const { info, data } = await draw('w'.repeat(300), 'M'.repeat(300), 'x');
    expect(info.width * info.height).toBeLessThanOrEqual(maxCaptionedPixels({ shape, columns: 2, scale: 2 }, 3) * 1.1);
    // No letter touches the gap in the middle.
    const middle = Math.floor(info.width / 2);
    for (let y = 0; y < info.height; y++) expect(data[(y * info.width + middle) * info.channels]).toBe(255);
  });

  it('of no image is white', async () => {
    expect((await draw()).data.every((value) => value === 255)).toBe(true);
  });
});

describe('lettering', () => {
  it('has outlines for Latin, Greek and Cyrillic letters, and says what it cannot write', () => {
    for (const text of ['cat', 'żółw', 'Việt', 'γάτα', 'кошка', 'n02085620-Chihuahua', '10 %']) {
      expect(isWritable(text), text).toBe(true);
    }
    for (const text of ['猫', 'a🐱', 'قط']) expect(isWritable(text), text).toBe(false);
  });

  it('has numbers alone as coordinates, wherever it is', () => {
    // Coordinates that are almost 0, too.
    for (let x = 0; x < 30; x += 0.7) {
      expect(lettering('0123456789 automobile', { x, y: 27, size: 10 })).toMatch(/^[MLQCZ0-9. -]+$/);
    }
  });

  it('shortens any text to a width, and not what fits', () => {
    expect(shortenedTo(200, 'cat', 12)).toBe('cat');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 20, max: 150 }), (text, width) => {
        const short = shortenedTo(width, text, 12);
        expect(widthOf(short, 12)).toBeLessThanOrEqual(width);
        expect(lettering(short, { x: 0, y: 10, size: 12 })).not.toContain('NaN');
      }),
      { numRuns: 50 },
    );
  });
});
