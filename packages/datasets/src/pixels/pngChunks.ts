import { crc32 } from 'node:zlib';
import { damaged } from './raster.js';

export interface PngChunk {
  type: string;
  content: Buffer;
}

const critical = new Set(['IHDR', 'PLTE', 'tRNS']);

/**
 * The chunks of a PNG file, up to its end or to where it is cut off. Checksums are compared where a wrong byte would
 * silently change every pixel; the pixels themselves have a checksum in their compression.
 * @throws ImageFault
 */
export function* chunksOf(file: Uint8Array): Generator<PngChunk> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  for (let at = 8; at + 8 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return;
    if (critical.has(type)) {
      const right = end + 4 <= bytes.length && crc32(bytes.subarray(at + 4, end)) === bytes.readUInt32BE(end);
      if (!right) throw damaged(`the checksum of its ${type} chunk is wrong`);
    }
    yield { type, content: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

/** How many bits of each value are used, as a PNG file says itself (chunk sBIT); 16 where it does not say. */
export function significantBits(file: Uint8Array): number {
  let bits = 16;
  for (const { type, content } of chunksOf(file)) {
    if (type === 'sBIT') bits = Math.min(16, Math.max(1, ...content));
  }
  return bits;
}
