import type { Picture } from '../importers/listing.js';

/** How pictures become arrays of one shape. */
export interface PixelOptions {
  height: number;
  width: number;
  channels: 1 | 3;
  /** How a picture of another size is made to fit; null: it is a fault. */
  fit: 'cover' | 'contain' | 'stretch' | null;
  /** What is behind transparent pixels and, with `contain`, beside the picture. */
  background: [red: number, green: number, blue: number];
  /** Pictures with more pixels are refused before they are decoded; absent: 268 million. */
  maxPixels?: number;
}

/** A picture that could not be used: its index in the batch, and why, continuing the sentence "<name> ...". */
export interface PictureFault {
  index: number;
  reason: string;
}

/** A decoded batch. */
export interface DecodedBatch {
  /** uint8 `[pictures, height, width, channels]`; zero where a picture has a fault. */
  pixels: Uint8Array;
  faults: PictureFault[];
  /** How many pictures had transparent pixels. */
  transparent: number;
  /** How many pictures lost more than a fifth of their area to `cover`. */
  cropped: number;
}

/** Decodes on all cores, in threads of its own. */
export interface Decoder {
  /** How many calls of `decode` at a time keep all threads busy. */
  readonly parallel: number;
  decode(pictures: Picture[], options: PixelOptions): Promise<DecodedBatch>;
  /** `[height, width]` as shown, orientation applied; or why it cannot be read. */
  sizeOf(picture: Picture): Promise<[height: number, width: number] | { reason: string }>;
  close(): Promise<void>;
}
