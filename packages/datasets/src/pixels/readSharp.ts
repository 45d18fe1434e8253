import sharp, { type Metadata, type Sharp } from 'sharp';
import { scaleOf } from './fit.js';
import { type MemoryInUse, withMemory } from './memory.js';
import type { PixelOptions } from './picture.js';
import { significantBits } from './pngChunks.js';
import { damaged, type ImageFault, maxPixels, type Raster, refuseHuge, tooManyPixels } from './raster.js';

// One image is seldom large enough to be split among threads; several at once keep the cores busy.
sharp.concurrency(1);
sharp.cache(false);

/**
 * A large image that is reduced at least so much is decoded at half its size first, in half the time and a quarter of
 * the memory. Measured on photos, noise and stripes, each value stays within 2 of a reduction from the full size; at a
 * quarter of the size, stripes in strong colours differ by 18, as JPEG limits their values before they are reduced.
 */
const halvedFrom = 8;
const largePixels = 512 * 512;

/**
 * Reads an image with libvips: the first frame or page, upright, eight bits a value (of 16 the upper eight). Colour
 * profiles are ignored, as Pillow ignores them; CMYK is converted by the one that libvips has for it.
 * @throws ImageFault
 */
export async function readWithSharp(bytes: Uint8Array, options: PixelOptions, memory: MemoryInUse): Promise<Raster> {
  const most = options.maxPixels ?? maxPixels;
  const meta = await describe(bytes, most);
  const { width, height } = meta.autoOrient;
  const large = width * height >= largePixels;
  const divisor = large && scaleOf(meta.autoOrient, options) >= halvedFrom ? 2 : 1;
  const image = open(bytes).autoOrient();
  if (divisor > 1) {
    image.resize(Math.ceil(width / divisor), Math.ceil(height / divisor), { fit: 'fill', kernel: 'linear' });
  }
  const pixels = width * height;
  // What libvips cannot read row by row, it holds as a whole.
  const whole = meta.isProgressive || !['jpeg', 'png', 'tiff'].includes(meta.format) ? pixels * 4 : 0;
  // What is read, and what becomes of it here.
  const results = (pixels / divisor ** 2) * (meta.channels + 1) * (meta.depth === 'ushort' ? 2 : 1);
  const raster = await withMemory(memory, whole + results, () => toRaster(image, bytes, meta));
  return divisor > 1 ? { ...raster, full: { width, height } } : raster;
}

/** `[height, width]`, upright. @throws ImageFault */
export async function sizeWithSharp(bytes: Uint8Array): Promise<[height: number, width: number]> {
  const { autoOrient } = await describe(bytes, maxPixels);
  return [autoOrient.height, autoOrient.width];
}

async function describe(bytes: Uint8Array, most: number): Promise<Metadata> {
  const meta = await open(bytes)
    .metadata()
    .catch((error: Error) => {
      throw explained(error);
    });
  refuseHuge(meta.width, meta.height, most);
  return meta;
}

/** What libvips merely warns of, Pillow reads as well; and in PNG it does not compare the checksums of the pixels. */
function open(bytes: Uint8Array): Sharp {
  const isPng = bytes[0] === 0x89;
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: isPng ? 'truncated' : 'error', ignoreIcc: true });
}

const startOfScan = Buffer.from([0xff, 0xda]);
const endOfImage = Buffer.from([0xff, 0xd9]);

/**
 * Without its end mark a JPEG file is cut off: Pillow refuses it always, libvips only where it needs the bytes that
 * are missing. Neither mark can stand within the coded pixels.
 */
function refuseWithoutEnd(bytes: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.indexOf(endOfImage, file.indexOf(startOfScan)) < 0) throw damaged('it is cut off');
}

async function toRaster(image: Sharp, bytes: Uint8Array, meta: Metadata): Promise<Raster> {
  if (meta.format === 'jpeg') refuseWithoutEnd(bytes);
  // For its checksums, all chunks of a PNG are walked through.
  const bits = meta.format === 'png' ? significantBits(bytes) : 16;
  const deep = meta.depth === 'ushort' && bits < 16;
  const { data, info } = await image
    .toColourspace(deep ? wideSpace(meta) : 'srgb')
    .raw({ depth: deep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: Error) => {
      throw explained(error);
    });
  const channels = info.channels as Raster['channels'];
  return { width: info.width, height: info.height, channels, data: deep ? toBytes(data, bits) : data };
}

const wideSpace = ({ channels }: Metadata): string => (channels < 3 ? 'grey16' : 'rgb16');

/**
 * The upper eight bits; where all values are as small as if the unused bits were the upper ones, and not the lower as
 * PNG wants them, the upper eight of those that are used.
 */
function toBytes(data: Buffer, bits: number): Uint8Array {
  const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  const largest = 2 ** bits - 1;
  if (!values.every((value) => value <= largest)) return Uint8Array.from(values, (value) => value >> 8);
  return Uint8Array.from(values, (value) => Math.round((value * 255) / largest));
}

/** Of several lines, the first ones may be warnings that are no reason. */
function explained(error: Error): ImageFault {
  if (/exceeds pixel limit|image (width|height|size).*(limit|exceed)/i.test(error.message))
    return tooManyPixels(maxPixels);
  const lines = error.message.split('\n').filter((line) => line.trim() !== '' && !line.includes('failOn'));
  if (lines.some((line) => /premature end of|truncated|unexpected end|end of (file|stream)/i.test(line))) {
    return damaged('it is cut off');
  }
  const reason = lines.at(-1) ?? error.message;
  return damaged(reason.replace(/^Input (buffer|file) has corrupt header: /, '').replace(/[.;:\s]+$/, ''));
}
