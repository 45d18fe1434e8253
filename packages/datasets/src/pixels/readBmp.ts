import { damaged, ImageFault, maxPixels, type Raster, refuseHuge } from './raster.js';

/*
 * Windows bitmaps, which libvips does not read: 1, 4, 8, 16, 24 and 32 bits a pixel, also run-length encoded, from top
 * or bottom. Alpha counts only where the header gives it a mask, as in Pillow.
 */

interface Header {
  width: number;
  height: number;
  topDown: boolean;
  bits: number;
  compression: number;
  /** Of the pixels in the file. */
  offset: number;
  /** Red, green, blue and, where not 0, alpha. */
  masks: number[];
  /** Blue, green, red, and where `paletteStep` is 4 a fourth byte. */
  palette: Buffer;
  paletteStep: 3 | 4;
}

const [uncompressed, runs8, runs4, bitFields, alphaBitFields] = [0, 1, 2, 3, 6];
const truncated = 'it is cut off';

/** @throws ImageFault */
export function readBmp(file: Uint8Array, most: number): Raster {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const header = readHeader(bytes, most);
  const { bits, compression } = header;
  if (compression === runs8 || compression === runs4) return withPalette(header, readRuns(bytes, header));
  if (bits <= 8) return withPalette(header, readIndices(bytes, header));
  return readColours(bytes, header);
}

/** `[height, width]` @throws ImageFault */
export function bmpSize(file: Uint8Array): [height: number, width: number] {
  const { height, width } = readHeader(Buffer.from(file.buffer, file.byteOffset, file.length), maxPixels);
  return [height, width];
}

function readHeader(bytes: Buffer, most: number): Header {
  const headerBytes = bytes.length >= 18 ? bytes.readUInt32LE(14) : 0;
  if (bytes.length < 14 + headerBytes || headerBytes === 0) throw damaged(truncated);
  const old = headerBytes === 12;
  const [width, height] = old
    ? [bytes.readUInt16LE(18), bytes.readUInt16LE(20)]
    : [bytes.readInt32LE(18), bytes.readInt32LE(22)];
  const bits = bytes.readUInt16LE(old ? 24 : 28);
  const compression = old ? 0 : bytes.readUInt32LE(30);
  if (width <= 0 || height === 0) throw damaged('it has no pixels');
  refuseHuge(width, Math.abs(height), most);
  const known = [1, 4, 8, 16, 24, 32].includes(bits) && isKnown(compression, bits);
  if (!known)
    throw new ImageFault(`is a BMP image of a rare kind (${bits} bits, compression ${compression}); convert it`);
  const offset = bytes.readUInt32LE(10);
  const paletteStep = old ? 3 : 4;
  const masksAfter = headerBytes === 40 && compression === bitFields ? 12 : 0;
  const paletteStart = 14 + headerBytes + masksAfter;
  const palette = bytes.subarray(paletteStart, Math.max(paletteStart, offset));
  const masks = readMasks(bytes, headerBytes, bits, compression);
  return {
    width,
    height: Math.abs(height),
    topDown: height < 0,
    bits,
    compression,
    offset,
    masks,
    palette,
    paletteStep,
  };
}

function isKnown(compression: number, bits: number): boolean {
  if (compression === uncompressed) return true;
  if (compression === runs8) return bits === 8;
  if (compression === runs4) return bits === 4;
  return (compression === bitFields || compression === alphaBitFields) && (bits === 16 || bits === 32);
}

function readMasks(bytes: Buffer, headerBytes: number, bits: number, compression: number): number[] {
  if (compression === bitFields || compression === alphaBitFields) {
    if (bytes.length < 14 + 40 + 16) throw damaged(truncated);
    const hasAlpha = headerBytes >= 56 || compression === alphaBitFields;
    return [0, 1, 2, 3].map((i) => (i < 3 || hasAlpha ? bytes.readUInt32LE(54 + 4 * i) : 0));
  }
  return bits === 16 ? [0x7c00, 0x3e0, 0x1f, 0] : [0xff0000, 0xff00, 0xff, 0];
}

/** The first byte of a row in the file: rows are filled up to four bytes, and mostly stored from the bottom. */
function rowsOf(bytes: Buffer, { width, height, bits, topDown, offset }: Header): (y: number) => number {
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  // The last row may lack the bytes that fill it up.
  if (offset + (height - 1) * rowBytes + Math.ceil((width * bits) / 8) > bytes.length) throw damaged(truncated);
  return (y) => offset + (topDown ? y : height - 1 - y) * rowBytes;
}

function readIndices(bytes: Buffer, header: Header): Uint8Array {
  const { width, height, bits } = header;
  const rowStart = rowsOf(bytes, header);
  const indices = new Uint8Array(width * height);
  const mask = (1 << bits) - 1;
  for (let y = 0, to = 0; y < height; y++) {
    const start = rowStart(y);
    for (let x = 0; x < width; x++) {
      const bit = x * bits;
      indices[to++] = ((bytes[start + (bit >> 3)] as number) >> (8 - bits - (bit & 7))) & mask;
    }
  }
  return indices;
}

function withPalette({ width, height, palette, paletteStep }: Header, indices: Uint8Array): Raster {
  const data = new Uint8Array(indices.length * 3);
  for (let i = 0, to = 0; i < indices.length; i++) {
    const at = (indices[i] as number) * paletteStep;
    for (let channel = 2; channel >= 0; channel--) data[to++] = palette[at + channel] ?? 0;
  }
  return { width, height, channels: 3, data };
}

function readColours(bytes: Buffer, header: Header): Raster {
  const { width, height, bits, masks } = header;
  const rowStart = rowsOf(bytes, header);
  const used = masks.filter((mask) => mask !== 0);
  const channels = used.length === 4 ? 4 : 3;
  const parts = masks.slice(0, channels).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { shift, largest: mask >>> shift };
  });
  const step = bits / 8;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, at = rowStart(y); x < width; x++, at += step) {
      const pixel = bytes.readUIntLE(at, step);
      for (const { shift, largest } of parts) {
        data[to++] = largest === 0 ? 0 : Math.floor((((pixel >>> shift) & largest) * 255) / largest);
      }
    }
  }
  return { width, height, channels, data };
}

/** Runs of one index, and copied indices; 0 followed by 0, 1 or 2 ends a row, ends the image or moves on. */
function readRuns(bytes: Buffer, { width, height, topDown, offset, compression }: Header): Uint8Array {
  const indices = new Uint8Array(width * height);
  const perByte = compression === runs4 ? 2 : 1;
  let [x, y] = [0, 0];
  const put = (index: number) => {
    if (x < width && y < height) indices[(topDown ? y : height - 1 - y) * width + x] = index;
    x++;
  };
  const half = (byte: number, i: number) => (perByte === 1 ? byte : (byte >> (i % 2 === 0 ? 4 : 0)) & 15);
  for (let at = offset; ; ) {
    if (at + 2 > bytes.length) throw damaged(truncated);
    const count = bytes[at++] as number;
    const value = bytes[at++] as number;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(half(value, i));
    } else if (value === 0) {
      [x, y] = [0, y + 1];
    } else if (value === 1) {
      return indices;
    } else if (value === 2) {
      x += bytes[at++] ?? 0;
      y += bytes[at++] ?? 0;
    } else {
      for (let i = 0; i < value; i++) put(half(bytes[at + Math.floor(i / perByte)] ?? 0, i));
      // Filled up to two bytes.
      at += Math.ceil(value / perByte / 2) * 2;
    }
  }
}
