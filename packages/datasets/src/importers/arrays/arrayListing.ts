import type { ImageShape } from '../../packed/format.js';
import type { ListedPicture, Listing, SourceSplit } from '../listing.js';

/** Some images of a source that stores pixels, not image files: those of one array. */
export interface ArrayPart {
  /** For messages: the file, and the array in it. */
  file: string;
  split: SourceSplit;
  /** Class of each image. */
  classNames: string[];
  shape: ImageShape;
  /** uint8 `[height, width, channels]` of each image, in order. The bytes may be used again for the next one. */
  images(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface ArraySet extends Pick<Listing, 'classes' | 'channels' | 'suggestedName'> {
  parts: ArrayPart[];
  notes?: string[];
  warnings?: string[];
}

/** The listing of arrays: the images keep their order. */
export function listArrays({ parts, notes = [], warnings = [], ...rest }: ArraySet): Listing {
  const pictures: ListedPicture[] = [];
  for (const { file, split, classNames } of parts) {
    classNames.forEach((className, row) => {
      pictures.push({ name: `${file} image ${row}`, split, className });
    });
  }
  return {
    pictures,
    order: 'stored',
    notes,
    warnings,
    ...rest,
    async *read(wanted = () => true) {
      let index = 0;
      for (const part of parts) {
        const end = index + part.classNames.length;
        for await (const pixels of part.images()) {
          if (index >= end) break;
          if (wanted(index)) yield { index, picture: { kind: 'pixels', pixels: pixels.slice(), shape: part.shape } };
          index++;
        }
        index = end;
      }
    },
  };
}

/** The images of bytes that store one after the other, starting at `offset`. */
export function* sliceImages(bytes: Uint8Array, offset: number, imageBytes: number): Generator<Uint8Array> {
  for (let at = offset; at + imageBytes <= bytes.length; at += imageBytes) yield bytes.subarray(at, at + imageBytes);
}

/** `[channels, height, width]` to `[height, width, channels]`. */
export function interleavePlanes(planes: Uint8Array, [height, width, channels]: ImageShape): Uint8Array {
  const pixels = new Uint8Array(planes.length);
  const plane = height * width;
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < channels; c++) pixels[i * channels + c] = planes[c * plane + i] as number;
  }
  return pixels;
}

export const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
