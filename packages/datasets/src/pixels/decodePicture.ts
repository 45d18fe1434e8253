import { readFileSync } from 'node:fs';
import type { Picture } from '../importers/listing.js';
import { withoutAlpha } from './channels.js';
import { fitted } from './fit.js';
import { formatOf } from './formats.js';
import type { MemoryInUse } from './memory.js';
import type { PixelOptions } from './picture.js';
import { ImageFault, maxPixels, type Raster } from './raster.js';
import { bmpSize, readBmp } from './readBmp.js';
import { readSmallPng } from './readPng.js';
import { pnmSize, readPnm } from './readPnm.js';
import { readSmallJpeg } from './readSmallJpeg.js';

/** One picture, ready to be stored, and what was done to it. */
export interface DecodedPicture {
  image: Raster;
  transparent: boolean;
  cropped: boolean;
}

/** @throws ImageFault */
export async function decodePicture(
  picture: Picture,
  options: PixelOptions,
  memory: MemoryInUse,
): Promise<DecodedPicture> {
  const { image: flat, transparent } = withoutAlpha(await rasterOf(picture, options, memory), options);
  return { transparent, ...fitted(flat, options) };
}

/** `[height, width]` as shown. @throws ImageFault */
export async function pictureSize(picture: Picture): Promise<[height: number, width: number]> {
  if (picture.kind === 'pixels') return [picture.shape[0], picture.shape[1]];
  const bytes = contentOf(picture);
  const format = formatOf(bytes);
  if (format === 'bmp') return bmpSize(bytes);
  if (format === 'pnm') return pnmSize(bytes);
  return await (await withSharp()).sizeWithSharp(bytes);
}

async function rasterOf(picture: Picture, options: PixelOptions, memory: MemoryInUse): Promise<Raster> {
  if (picture.kind === 'pixels') {
    const [height, width, channels] = picture.shape;
    return { height, width, channels: channels as Raster['channels'], data: picture.pixels };
  }
  const bytes = contentOf(picture);
  const format = formatOf(bytes);
  const most = options.maxPixels ?? maxPixels;
  if (format === 'bmp') return readBmp(bytes, most);
  if (format === 'pnm') return readPnm(bytes, most);
  let small: Raster | null = null;
  if (format === 'jpeg') small = await readSmallJpeg(bytes);
  if (format === 'png') small = readSmallPng(bytes);
  return small ?? (await withSharp()).readWithSharp(bytes, options, memory);
}

/** Loaded when it is needed: that takes longer than reading a small set. */
const withSharp = () => import('./readSharp.js');

function contentOf(picture: Exclude<Picture, { kind: 'pixels' }>): Uint8Array {
  if (picture.kind === 'encoded') return picture.bytes;
  try {
    return readFileSync(picture.path);
  } catch (error) {
    throw new ImageFault(unreadable((error as NodeJS.ErrnoException).code));
  }
}

function unreadable(code: string | undefined): string {
  if (code === 'ENOENT') return 'was removed while the set was read; put it back and import again';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user; change its permissions (chmod a+r)';
  return `cannot be read (${code}); copy it to another place`;
}
