import { constants, inflateSync } from 'node:zlib';
import { chunksOf } from './pngChunks.js';
import { damaged, type Raster } from './raster.js';

/*
 * PNG (ISO/IEC 15948) without interlacing. libvips needs half a millisecond to open an image, which is most of the time
 * where images are as small as MNIST's digits.
 */

/** From about this many on libvips is faster. */
const mostPixels = 256 * 256;

interface Header {
  width: number;
  height: number;
  depth: number;
  colour: Colour;
}

/** Values of the header's colour type. */
const colourTypes = { 0: 'gray', 2: 'rgb', 3: 'palette', 4: 'grayAlpha', 6: 'rgba' } as const;
type Colour = (typeof colourTypes)[keyof typeof colourTypes];

const valuesOf: Record<Colour, 1 | 2 | 3 | 4> = { gray: 1, rgb: 3, palette: 1, grayAlpha: 2, rgba: 4 };

interface Chunks {
  header: Header;
  palette: Uint8Array | null;
  transparency: Uint8Array | null;
  pixels: Uint8Array[];
}

/**
 * @returns null for what libvips should read: large and interlaced images, those with more than eight bits a value, and
 *   those with metadata that may say how the image is turned
 * @throws ImageFault
 */
export function readSmallPng(file: Uint8Array): Raster | null {
  const chunks = readChunks(file);
  if (chunks === null) return null;
  const { width, height, depth, colour } = chunks.header;
  const rowBytes = Math.ceil((width * depth * valuesOf[colour]) / 8);
  const filtered = inflate(chunks.pixels, height * (1 + rowBytes));
  if (filtered === null) return null;
  const rows = unfilter(filtered, height, rowBytes, Math.max(1, (depth * valuesOf[colour]) >> 3));
  const values = depth === 8 ? rows : unpack(rows, width, height, depth);
  return colour === 'palette' ? coloured(values, chunks) : withTransparency(values, chunks);
}

function readChunks(file: Uint8Array): Chunks | null {
  let chunks: Chunks | null = null;
  for (const { type, content } of chunksOf(file)) {
    if (chunks === null) {
      const header = type === 'IHDR' ? readHeader(content) : null;
      if (header === null) return null;
      chunks = { header, palette: null, transparency: null, pixels: [] };
    } else if (type === 'IDAT') chunks.pixels.push(content);
    else if (type === 'PLTE') chunks.palette = content;
    else if (type === 'tRNS') chunks.transparency = content;
    else if (mayTurn(type, content)) return null;
  }
  return chunks;
}

function readHeader(content: Buffer): Header | null {
  if (content.length !== 13) return null;
  const [width, height] = [content.readUInt32BE(0), content.readUInt32BE(4)];
  const [depth = 0, colourType = 0, compression, filter, interlaced] = content.subarray(8);
  const colour = (colourTypes as Record<number, Colour>)[colourType];
  const plain = compression === 0 && filter === 0 && interlaced === 0 && colour !== undefined;
  const small = width > 0 && height > 0 && width * height <= mostPixels;
  const packed = colour === 'gray' || colour === 'palette';
  if (!plain || !small || !(depth === 8 || (packed && [1, 2, 4].includes(depth)))) return null;
  return { width, height, depth, colour };
}

/** @returns whether a chunk may contain EXIF data; ImageMagick writes it as text */
function mayTurn(type: string, content: Buffer): boolean {
  if (type === 'eXIf') return true;
  return /^[iz]?[Tt][Ee]Xt$/.test(type) && content.subarray(0, 80).toString('latin1').toLowerCase().includes('exif');
}

/** @returns null where the data are damaged or incomplete, which libvips explains better */
function inflate(parts: Uint8Array[], wanted: number): Buffer | null {
  try {
    const inflated = inflateSync(parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts), {
      maxOutputLength: wanted + 1024,
      // Only the checksum may be missing at the end.
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return inflated.length >= wanted ? inflated : null;
  } catch {
    return null;
  }
}

/** Undoes the filter of each row. @param step bytes of a pixel, at least 1 */
function unfilter(filtered: Uint8Array, height: number, rowBytes: number, step: number): Uint8Array {
  const rows = new Uint8Array(height * rowBytes);
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (rowBytes + 1)] as number;
    const from = y * (rowBytes + 1) + 1;
    const to = y * rowBytes;
    if (filter > 4) throw damaged(`row ${y} has the unknown filter ${filter}`);
    for (let x = 0; x < rowBytes; x++) {
      const left = x >= step ? (rows[to + x - step] as number) : 0;
      const above = y > 0 ? (rows[to + x - rowBytes] as number) : 0;
      const corner = y > 0 && x >= step ? (rows[to + x - rowBytes - step] as number) : 0;
      rows[to + x] = (filtered[from + x] as number) + predicted(filter, left, above, corner);
    }
  }
  return rows;
}

function predicted(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  const estimate = left + above - corner;
  const toLeft = Math.abs(estimate - left);
  const toAbove = Math.abs(estimate - above);
  const toCorner = Math.abs(estimate - corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** One byte a value, for values of 1, 2 or 4 bits. Each row begins with a byte. */
function unpack(rows: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const values = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  const mask = (1 << depth) - 1;
  for (let i = 0; i < values.length; i++) {
    const bit = (i % width) * depth;
    const byte = rows[Math.floor(i / width) * rowBytes + (bit >> 3)] as number;
    values[i] = (byte >> (8 - depth - (bit & 7))) & mask;
  }
  return values;
}

function coloured(values: Uint8Array, { header, palette, transparency }: Chunks): Raster {
  if (palette === null) throw damaged('it has no palette');
  const channels = transparency === null ? 3 : 4;
  const data = new Uint8Array(values.length * channels);
  for (let i = 0, to = 0; i < values.length; i++) {
    const value = values[i] as number;
    for (let channel = 0; channel < 3; channel++) data[to++] = palette[value * 3 + channel] ?? 0;
    if (transparency !== null) data[to++] = transparency[value] ?? 255;
  }
  return { width: header.width, height: header.height, channels, data };
}

/** Gray or RGB of less than eight bits becomes eight; the one colour that is transparent gets alpha 0. */
function withTransparency(values: Uint8Array, { header, transparency }: Chunks): Raster {
  const { width, height, depth, colour } = header;
  const own = valuesOf[colour];
  const scale = 255 / ((1 << depth) - 1);
  if (transparency === null || own % 2 === 0) {
    const data = depth === 8 ? values : values.map((value) => value * scale);
    return { width, height, channels: own, data };
  }
  const channels = (own + 1) as 2 | 4;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i++) {
    let same = true;
    for (let channel = 0; channel < own; channel++) {
      const value = values[i * own + channel] as number;
      data[i * channels + channel] = value * scale;
      same &&= value === transparency[channel * 2 + 1];
    }
    data[i * channels + own] = same ? 0 : 255;
  }
  return { width, height, channels, data };
}
