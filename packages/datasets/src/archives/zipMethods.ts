import { PassThrough, type Transform } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { bunzip2Bytes } from './bunzip2.js';
import { DamagedEntryError } from './damaged.js';

const names: Record<number, string> = { 1: 'Shrink', 6: 'Implode', 9: 'Deflate64', 14: 'LZMA', 95: 'XZ', 98: 'PPMd' };
const method = { stored: 0, deflate: 8, bzip2: 12, zstd: 93 };
const inflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflateRaw);
/** Less is inflated at once: handing it to another thread takes longer. */
const smallBytes = 256 * 1024;
/** Not in Node 20. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (bytes: Buffer, options: object) => Buffer };

/** Why a file with this compression cannot be read, continuing the sentence "<path> ..."; null: it can. */
export function unsupported(compression: number): string | null {
  const isKnown = [method.stored, method.deflate, method.bzip2].includes(compression);
  if (isKnown || (compression === method.zstd && zstdDecompressSync !== undefined)) return null;
  const name = compression === method.zstd ? 'Zstandard' : (names[compression] ?? `method ${compression}`);
  const remedy = 'pack it again with the standard compression (zip -r set.zip <folder>)';
  return `uses ${name} compression within the zip, which cannot be read; ${remedy}`;
}

/**
 * @param bytes that the content must have
 * @throws Error where it has more
 */
export async function inflate(packed: Buffer, compression: number, bytes: number): Promise<Buffer> {
  const options = { maxOutputLength: Math.max(1, bytes) };
  switch (compression) {
    case method.stored:
      // A copy: the window of the file is written over by the next read.
      return Buffer.from(packed);
    case method.bzip2:
      return bunzip2Bytes(packed, bytes);
    case method.zstd:
      return zstdDecompressSync?.(packed, options) ?? Buffer.alloc(0);
    default:
      return inflateOne(packed, bytes, options);
  }
}

async function inflateOne(packed: Buffer, bytes: number, options: zlib.ZlibOptions): Promise<Buffer> {
  try {
    if (bytes < smallBytes) return zlib.inflateRawSync(packed, options);
    return await inflateRaw(Buffer.from(packed), options);
  } catch (error) {
    // More than is stated is no accident.
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw error;
    throw new DamagedEntryError('its compressed content is damaged');
  }
}

/** For a large content, in pieces; null for compressions that are rare in zips, which are read at once. */
export function inflaterOf(compression: number): Transform | null {
  if (compression === method.stored) return new PassThrough();
  return compression === method.deflate ? zlib.createInflateRaw() : null;
}
