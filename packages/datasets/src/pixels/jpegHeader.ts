/** What stands before the pixels of a JPEG file (ITU T.81, annex B). */
export interface JpegHeader {
  width: number;
  height: number;
  components: number;
  /** Whether it has metadata that may say how the image is turned. */
  hasExif: boolean;
}

/** Frames with Huffman codes: baseline, extended, progressive. */
const frames = [0xc0, 0xc1, 0xc2];

/** @returns null where the header is not of the usual kind, or damaged */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | null {
  const word = (at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  let hasExif = false;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + word(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    if (frames.includes(marker)) {
      if (bytes[at + 4] !== 8) return null;
      return { height: word(at + 5), width: word(at + 7), components: bytes[at + 9] ?? 0, hasExif };
    }
    const segment =
      marker === 0xdb || marker === 0xc4 || marker === 0xdd || marker === 0xfe || (marker & 0xf0) === 0xe0;
    if (!segment) return null;
    if (marker === 0xe1) hasExif = true;
  }
  return null;
}
