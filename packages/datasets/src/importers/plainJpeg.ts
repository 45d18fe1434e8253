/**
 * True for a JPEG of exactly this size, in colour, without a word on orientation or colour profiles: one whose pixels
 * are the same whether it is decoded alone or in a row with others. It looks at the segments before the pixels
 * (ITU T.81, annex B); whether the rest is sound is for the decoder to say.
 */
export function isPlainJpeg(bytes: Buffer, height: number, width: number): boolean {
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1] as number;
    if (isFrame(marker)) {
      return bytes.readUInt16BE(at + 5) === height && bytes.readUInt16BE(at + 7) === width && bytes[at + 9] === 3;
    }
    const application = marker >= 0xe1 && marker <= 0xef;
    const table = marker === 0xdb || marker === 0xc4 || marker === 0xdd || marker === 0xe0 || marker === 0xfe;
    if (application || !table) return false;
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return false;
}

/** Start of a baseline, extended or progressive frame. */
function isFrame(marker: number): boolean {
  return marker === 0xc0 || marker === 0xc1 || marker === 0xc2;
}
