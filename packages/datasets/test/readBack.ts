import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openArchive } from '../src/archives/openArchive.js';
import { listSource } from '../src/importers/index.js';
import type { ListOptions } from '../src/importers/listing.js';
import { openDecoder } from '../src/pixels/decoder.js';
import type { PixelOptions } from '../src/pixels/picture.js';

const asStored: PixelOptions = { height: 6, width: 8, channels: 3, fit: null, background: [0, 0, 0] };

/** Class and pixels of an image; pixels in hexadecimal, RGB. */
export interface ImageRead {
  class: string;
  pixels: string;
}

export const dataFolder = join(import.meta.dirname, 'data');

/** What the scripts beside the files stored: the images of each split as other libraries read them, by set. */
export async function expectedOf(kind: string): Promise<Record<string, Record<string, ImageRead[]>>> {
  return JSON.parse(await readFile(join(dataFolder, kind, 'expected.json'), 'utf8'));
}

/** Lists a source and reads all its images, without decoding them. @returns how many were listed */
export async function readAll(path: string): Promise<number> {
  const archive = await openArchive(path);
  const listing = await listSource(archive, {});
  for await (const _ of listing.read());
  await archive.close();
  return listing.pictures.length;
}

/** Lists a source and decodes all its images at 8x6, which is the size of all that the scripts wrote. */
export async function readBack(path: string, options: ListOptions = {}) {
  const archive = await openArchive(path);
  const decoder = openDecoder(1);
  try {
    const listing = await listSource(archive, options);
    const images: Record<string, ImageRead[]> = {};
    const faults: string[] = [];
    for await (const read of listing.read()) {
      const listed = listing.pictures[read.index];
      if (listed === undefined) throw new Error(`no picture ${read.index}`);
      const decoded = 'fault' in read ? null : await decoder.decode([read.picture], asStored);
      const reason = 'fault' in read ? read.fault : decoded?.faults[0]?.reason;
      if (reason !== undefined) faults.push(`${listed.name} ${reason}`);
      const pixels = Buffer.from(decoded?.pixels ?? []).toString('hex');
      const split = images[listed.split ?? 'none'] ?? [];
      images[listed.split ?? 'none'] = split;
      if (reason === undefined) split.push({ class: listed.className, pixels });
    }
    return { images, faults, ...listing };
  } finally {
    await decoder.close();
    await archive.close();
  }
}
