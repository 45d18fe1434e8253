/**
 * @returns whether the file is a JPEG of exactly this size, in colour, without orientation or colour profile: one whose
 *   pixels are the same whether it is decoded alone or joined with others. Only the segments before the pixels are
 *   checked (ITU T.81, annex B); the decoder finds damage in the rest.
 */
export function isPlainJpeg(bytes: Buffer, height: number, width: number): boolean {
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes.readUInt8(at + 1);
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
