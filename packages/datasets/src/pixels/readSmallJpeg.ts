import { createRequire } from 'node:module';
import { readJpegHeader } from './jpegHeader.js';
import type { Raster } from './raster.js';

/*
 * libvips needs half a millisecond to open an image, ten times as long as decoding 32x32 pixels takes. Small JPEG
 * images are decoded by libjpeg-turbo, compiled to WebAssembly, which gives the same pixels.
 */

/** From about this many on libvips is faster, as it uses vector instructions. */
const mostPixels = 320 * 320;

const require = createRequire(import.meta.url);

/** The part of the package that is used; it has no types of its own. */
interface Codec {
  JPEGDecoder: new () => JpegDecoder;
}
interface JpegDecoder {
  /** Memory of the decoder to copy the file to. */
  getEncodedBuffer(bytes: number): Uint8Array;
  /** @throws whatever C++ throws, a number, where the file is damaged or raises a warning */
  decode(): void;
  /** Gray or RGB; valid until the next call. */
  getDecodedBuffer(): Uint8Array;
}

const createCodec = require('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs') as () => Promise<Codec>;

let decoder: JpegDecoder | null = null;
/** A failed call leaves some kilobytes that are never freed; a new decoder takes ten milliseconds. */
const mostFailures = 1000;
let failures = 0;

/** @returns null for what libvips should read: large images, and all that is not plain or not whole */
export async function readSmallJpeg(bytes: Uint8Array): Promise<Raster | null> {
  const header = readJpegHeader(bytes);
  if (header === null || header.hasExif || header.width * header.height > mostPixels) return null;
  const { width, height, components } = header;
  if (components !== 1 && components !== 3) return null;
  decoder ??= new (await createCodec()).JPEGDecoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    return { width, height, channels: components, data: decoder.getDecodedBuffer().slice() };
  } catch (thrown) {
    // What is no number was thrown by WebAssembly itself, whose memory is no longer in order.
    if (typeof thrown !== 'number' || ++failures % mostFailures === 0) decoder = null;
    return null;
  }
}
