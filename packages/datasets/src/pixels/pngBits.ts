/** How many bits of each value are used, as a PNG file says itself (chunk sBIT); 16 where it does not say. */
export function significantBits(file: Uint8Array): number {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  for (let at = 8; at + 8 < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IDAT') return 16;
    if (type === 'sBIT') {
      const bits = Math.max(...bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)));
      return bits >= 1 && bits <= 16 ? bits : 16;
    }
  }
  return 16;
}
