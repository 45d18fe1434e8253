import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDecoder } from '../../src/pixels/decoder.js';
import type { Decoder, PixelOptions } from '../../src/pixels/picture.js';

let decoder: Decoder;
beforeAll(() => {
  decoder = openDecoder(2);
});
afterAll(() => decoder.close());

const options: PixelOptions = { height: 8, width: 8, channels: 3, fit: 'stretch', background: [255, 255, 255] };

async function faultOf(bytes: Uint8Array): Promise<string | null> {
  const { faults } = await decoder.decode([{ kind: 'encoded', bytes }], options);
  return faults[0]?.reason ?? null;
}

const text = (content: string) => Buffer.from(content, 'latin1');
const noise = (side: number) =>
  sharp({
    create: {
      width: side,
      height: side,
      channels: 3,
      background: '#777',
      noise: { type: 'gaussian', mean: 99, sigma: 50 },
    },
  });

describe('a file that is no image', () => {
  it.each([
    ['an HTML page', text('<!DOCTYPE html><html>'), /^is an HTML page, not an image; /],
    ['a gzip file', text('\x1f\x8b\x08\0'), /^is a gzip file, not an image; /],
    ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\n'), /^is a Git LFS pointer, /],
    ['text', text('404 page not found'), /^is text, not an image; /],
    ['zeros', Buffer.alloc(3000), /^contains only zeros; /],
    ['nothing', Buffer.alloc(0), /^is empty \(0 bytes\); /],
    [
      'an SVG drawing',
      text('<?xml version="1.0"?>\n<svg xmlns="x"/>'),
      /^is an SVG drawing, .* convert it to JPEG or PNG/,
    ],
    [
      'a HEIC image',
      text('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
      /^is a HEIC image, .*: heif-convert photo.heic photo.jpg$/,
    ],
    ['a JPEG 2000 image', text('\0\0\0\x0cjP  \r\n\x87\n'), /^is a JPEG 2000 image, /],
    ['a JPEG XL image', text('\xff\x0a12345'), /^is a JPEG XL image, /],
    ['other bytes', text('\x01\x02\x03\x04'), /^is no JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or PNM image; /],
  ])('%s is called by its name, with the remedy', async (_, bytes, message) => {
    expect(await faultOf(bytes)).toMatch(message);
  });
});

describe.each([24, 300])('an image of %d pixels a side', (side) => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('that is cut off is a fault: %s', async (format) => {
    const whole = await noise(side).toFormat(format).toBuffer();
    expect(await faultOf(whole)).toBeNull();
    expect(await faultOf(whole.subarray(0, whole.length / 2))).toMatch(/^is damaged \(.+\); get it again$/);
  });

  it('is read as Pillow reads it where only something beside its pixels is wrong', async () => {
    const jpeg = await noise(side).jpeg().toBuffer();
    const revision0 = Buffer.from(jpeg);
    revision0.fill(0, 11, 13);
    const extraneous = Buffer.concat([jpeg.subarray(0, -2), text('abc'), jpeg.subarray(-2)]);
    const trailing = Buffer.concat([jpeg, text('trailing')]);
    const noMark = (await noise(side).png().toBuffer()).subarray(0, -12);
    for (const bytes of [revision0, extraneous, trailing, noMark]) expect(await faultOf(bytes)).toBeNull();
  });

  it('without its end mark is a fault for JPEG, as in Pillow, said without the words of a library', async () => {
    // Of several images, as some have bits enough left that a decoder does not miss the mark.
    for (let i = 0; i < 20; i++) {
      const jpeg = await noise(side).jpeg().toBuffer();
      expect(await faultOf(jpeg.subarray(0, -2))).toBe('is damaged (it is cut off); get it again');
    }
  });

  it('with a wrong byte in its palette is a fault, not an image in other colours', async () => {
    const png = await noise(side).png({ palette: true, colours: 16 }).toBuffer();
    const at = png.indexOf('PLTE') + 5;
    png.writeUInt8(png.readUInt8(at) ^ 0xff, at);
    expect(await faultOf(png)).toMatch(/the checksum of its PLTE chunk is wrong/);
  });
});

/** A PNG of one colour whose header promises any size. */
function plainPng(width: number, height: number): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))));
  return Buffer.concat([
    text('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const framed = Buffer.alloc(12 + content.length);
  framed.writeUInt32BE(content.length);
  framed.write(type, 4, 'latin1');
  content.copy(framed, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), 8 + content.length);
  return framed;
}

describe('hostile images', () => {
  it('with more than 268 million pixels are refused by their header', async () => {
    expect(await faultOf(plainPng(20_000, 20_000))).toMatch(/has (.* )?more than 268 million pixels; scale it down$/);
    const bmp = Buffer.alloc(54);
    bmp.write('BM');
    bmp.writeUInt32LE(40, 14);
    bmp.writeInt32LE(2_000_000, 18);
    bmp.writeInt32LE(2_000_000, 22);
    bmp.writeUInt16LE(24, 28);
    expect(await faultOf(bmp)).toMatch(/more than 268 million pixels/);
    expect(await faultOf(text('P5 100000 100000 255\n'))).toMatch(/more than 268 million pixels/);
  });

  it('with any bytes changed are read or named, and never end the decoder', async () => {
    const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
    const originals = await Promise.all(formats.map((format) => noise(20).toFormat(format).toBuffer()));
    originals.push(Buffer.concat([text('P6 20 20 255\n'), Buffer.alloc(1200, 7)]));
    let state = 1;
    const random = (limit: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return Math.floor((state / 2147483648) * limit);
    };
    const changed = originals.flatMap((original) =>
      Array.from({ length: 60 }, () => {
        const bytes = Buffer.from(original);
        for (let i = random(6); i >= 0; i--) bytes.writeUInt8(random(256), random(Math.min(bytes.length, 200)));
        return { kind: 'encoded' as const, bytes };
      }),
    );
    const { faults } = await decoder.decode(changed, options);
    for (const { reason } of faults) expect(reason).toMatch(/^[^\n]+$/);
    expect(faults.length).toBeGreaterThan(20);
    expect(faults.length).toBeLessThan(changed.length);
    expect(await faultOf(originals[0] as Buffer)).toBeNull();
  });
});
