import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDecoder } from '../../src/pixels/decoder.js';
import type { Decoder, PixelOptions } from '../../src/pixels/picture.js';

/** Written by data/pixels/make.py, with the pixels that Pillow gets from the same file. */
interface Case extends Pick<PixelOptions, 'width' | 'height' | 'channels' | 'fit'> {
  file: string;
  background: keyof typeof backgrounds;
  /** Whether the file stores half the colour, which Pillow's AVIF decoder smooths when it enlarges it, libvips not. */
  halfColour?: boolean;
}

const backgrounds = { white: [255, 255, 255], black: [0, 0, 0], '#3fa07c': [63, 160, 124] } as const;
const folder = new URL('../data/pixels/', import.meta.url);
const lines = readFileSync(new URL('cases.jsonl', folder), 'utf8').trim().split('\n');
const cases = lines.map((line) => JSON.parse(line) as Case);
const expected = readFileSync(new URL('expected.bin', folder));

let decoder: Decoder;
beforeAll(() => {
  decoder = openDecoder(2);
});
afterAll(() => decoder.close());

const nameOf = ({ file, width, height, channels, fit, background }: Case) =>
  `${file} as ${width}x${height}x${channels}, fit ${fit}, on ${background}`;

it('every format, mode, orientation, fit and background gives the pixels of Pillow, within 2 of 255', async () => {
  const wrong: string[] = [];
  let at = 0;
  for (const each of cases) {
    const { file, background, halfColour, ...shape } = each;
    const bytes = readFileSync(new URL(`images/${file}`, folder));
    const options = { ...shape, background: [...backgrounds[background]] } as PixelOptions;
    const { pixels, faults } = await decoder.decode([{ kind: 'encoded', bytes }], options);
    const wanted = expected.subarray(at, at + pixels.length);
    at += pixels.length;
    const differences = pixels.map((value, i) => Math.abs(value - (wanted[i] as number)));
    const most = differences.reduce((a, b) => Math.max(a, b));
    const mean = differences.reduce((a, b) => a + b, 0) / differences.length;
    if (faults.length > 0) wrong.push(`${nameOf(each)}: ${faults[0]?.reason}`);
    else if (halfColour ? mean > 10 : most > 2) wrong.push(`${nameOf(each)}: differs by ${most}, on average ${mean}`);
  }
  expect(at).toBe(expected.length);
  expect(cases.length).toBeGreaterThanOrEqual(200);
  expect(wrong).toEqual([]);
});
