import { datasetDetailSchema, datasetSchema } from '@trainyard/contracts';
import { z } from 'zod';

/*
 * The packed format, which trainers map into memory:
 *
 *   bytes 0-7     magic "TRNYARD\0"
 *   bytes 8-11    format version, uint32 LE
 *   bytes 12-15   length of the header, uint32 LE
 *   bytes 16-     header: UTF-8 JSON (packedHeaderSchema)
 *   then four sections, each starting at a multiple of 4096:
 *     train images  uint8 [images, height, width, channels]
 *     train labels  int32 LE [images]
 *     test images, test labels, the same way
 *   then the detail: UTF-8 JSON (packedDetailSchema)
 *
 * A validation split of its own is the last part of the train sections: `trainImages` images for training, then
 * `validationImages`.
 */
export const magic = Buffer.from('TRNYARD\0', 'latin1');
export const formatVersion = 2;
/** Version 1 has no detail and no validation split. */
export const oldestFormatVersion = 1;
/** Bytes before the header: magic, version and length. */
export const prefixBytes = magic.length + 8;
const alignment = 4096;

const sectionSchema = z.object({ offset: z.int().min(0), bytes: z.int().min(0) });
const splitSectionsSchema = z.object({ images: sectionSchema, labels: sectionSchema });
export const packedHeaderSchema = z.object({
  dataset: datasetSchema,
  /** Digest of the source before it was decoded, so that the same source is recognised without decoding it again. */
  sourceDigest: z.string().nullable(),
  /** Where the source is: `path:/data/pets`, a URL. The same origin gives new versions of the same dataset. */
  origin: z.string().nullable().default(null),
  detail: sectionSchema.optional(),
  train: splitSectionsSchema,
  test: splitSectionsSchema,
});
/** What only a look at the one dataset needs. */
export const packedDetailSchema = datasetDetailSchema.pick({ skipped: true, skippedCount: true, options: true });
export type PackedDetail = z.infer<typeof packedDetailSchema>;
export type PackedHeader = z.infer<typeof packedHeaderSchema>;

export type Split = 'train' | 'test';
/** Place of a section in the packed file, in bytes. */
export type Section = z.infer<typeof sectionSchema>;
export type SplitSections = z.infer<typeof splitSectionsSchema>;

/** `[height, width, channels]` */
export type ImageShape = [height: number, width: number, channels: number];

export const bytesOfImage = ([height, width, channels]: ImageShape): number => height * width * channels;

/** Places the four sections one after the other, from `firstOffset` on. */
export function layOutSections(
  firstOffset: number,
  counts: { trainImages: number; validationImages: number; testImages: number },
  imageBytes: number,
): Record<Split, SplitSections> {
  let offset = firstOffset;
  const section = (bytes: number): Section => {
    const placed = { offset: Math.ceil(offset / alignment) * alignment, bytes };
    offset = placed.offset + bytes;
    return placed;
  };
  const split = (images: number): SplitSections => ({
    images: section(images * imageBytes),
    labels: section(images * Int32Array.BYTES_PER_ELEMENT),
  });
  return { train: split(counts.trainImages + counts.validationImages), test: split(counts.testImages) };
}

// Labels are converted through a DataView, so that a big-endian machine reads and writes the same file.
export function int32ToLittleEndian(values: Int32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => {
    view.setInt32(i * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

export function int32FromLittleEndian(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getInt32(i * 4, true));
}
