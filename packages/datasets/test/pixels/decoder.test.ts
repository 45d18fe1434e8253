import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Picture } from '../../src/importers/listing.js';
import { openDecoder } from '../../src/pixels/decoder.js';
import type { Decoder, PixelOptions } from '../../src/pixels/picture.js';

let decoder: Decoder;
let folder: string;
beforeAll(async () => {
  decoder = openDecoder(2);
  folder = await mkdtemp(path.join(tmpdir(), 'pixels-'));
});
afterAll(async () => {
  await decoder.close();
  await rm(folder, { recursive: true });
});

const options: PixelOptions = { height: 4, width: 6, channels: 3, fit: null, background: [255, 255, 255] };

const plainPng = (colour: string, width = 6, height = 4): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toBuffer();

describe('a decoder', () => {
  it('decodes files, contents and pixels of one batch, each at its index', async () => {
    const file = path.join(folder, 'red.png');
    await writeFile(file, await plainPng('#ff0000'));
    const pixels = new Uint8Array(4 * 6).fill(7);
    const pictures: Picture[] = [
      { kind: 'encoded', bytes: await plainPng('#00ff00') },
      { kind: 'file', path: file },
      { kind: 'pixels', pixels, shape: [4, 6, 1] },
    ];
    const batch = await decoder.decode(pictures, options);
    expect(batch.faults).toEqual([]);
    const firstOf = (index: number) => [...batch.pixels.subarray(index * 72, index * 72 + 3)];
    expect([firstOf(0), firstOf(1), firstOf(2)]).toEqual([
      [0, 255, 0],
      [255, 0, 0],
      [7, 7, 7],
    ]);
  });

  it('names what is wrong with each picture of a batch, and decodes the others', async () => {
    const good = await plainPng('#0000ff');
    const contents = [good, Buffer.alloc(0), Buffer.from('<!doctype html>'), await plainPng('#000000', 5, 4), good];
    const batch = await decoder.decode(
      [...contents.map((bytes): Picture => ({ kind: 'encoded', bytes })), { kind: 'file', path: `${folder}/gone.png` }],
      options,
    );
    expect(batch.faults).toEqual([
      { index: 1, reason: expect.stringMatching(/^is empty/) },
      { index: 2, reason: expect.stringMatching(/^is an HTML page, not an image/) },
      { index: 3, reason: expect.stringMatching(/^has 5x4 pixels, but most have 6x4; .*--size 6x4/) },
      { index: 5, reason: expect.stringMatching(/^was removed/) },
    ]);
    expect([...batch.pixels.subarray(4 * 72, 4 * 72 + 3)]).toEqual([0, 0, 255]);
  });

  it('says the size of a picture, or why it has none', async () => {
    expect(await decoder.sizeOf({ kind: 'encoded', bytes: await plainPng('#000000', 5, 3) })).toEqual([3, 5]);
    expect(await decoder.sizeOf({ kind: 'encoded', bytes: Buffer.from('{"a": 1}') })).toEqual({
      reason: expect.stringMatching(/^is JSON text/),
    });
  });
});
