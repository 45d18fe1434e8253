import type { Picture } from '../importers/listing.js';
import type { ImageShape } from '../packed/format.js';
import type { PixelOptions } from './picture.js';

/*
 * What passes between the decoder and its threads. All bytes of a batch travel in one buffer, which is moved, not
 * copied: sending a `Buffer` would copy the whole pool that Node keeps it in.
 */

type Range = { start: number; end: number };

/** A picture whose bytes are a part of the batch's. */
type PackedPicture =
  | { kind: 'file'; path: string }
  | ({ kind: 'encoded' } & Range)
  | ({ kind: 'pixels'; shape: ImageShape } & Range);

export interface PackedBatch {
  bytes: Uint8Array<ArrayBuffer>;
  pictures: PackedPicture[];
}

export type Task = { pack: PackedBatch } & ({ kind: 'decode'; options: PixelOptions } | { kind: 'size' });

const bytesOf = (picture: Picture): Uint8Array | null => {
  if (picture.kind === 'file') return null;
  return picture.kind === 'encoded' ? picture.bytes : picture.pixels;
};

export function packBatch(pictures: Picture[]): PackedBatch {
  const total = pictures.reduce((sum, picture) => sum + (bytesOf(picture)?.length ?? 0), 0);
  const bytes = new Uint8Array(total);
  let end = 0;
  const packed = pictures.map((picture): PackedPicture => {
    if (picture.kind === 'file') return { kind: 'file', path: picture.path };
    const content = picture.kind === 'encoded' ? picture.bytes : picture.pixels;
    const start = end;
    bytes.set(content, start);
    end += content.length;
    return picture.kind === 'encoded'
      ? { kind: 'encoded', start, end }
      : { kind: 'pixels', shape: picture.shape, start, end };
  });
  return { bytes, pictures: packed };
}

export function unpackBatch({ bytes, pictures }: PackedBatch): Picture[] {
  return pictures.map((picture): Picture => {
    if (picture.kind === 'file') return picture;
    const content = bytes.subarray(picture.start, picture.end);
    if (picture.kind === 'encoded') return { kind: 'encoded', bytes: content };
    return { kind: 'pixels', shape: picture.shape, pixels: content };
  });
}
