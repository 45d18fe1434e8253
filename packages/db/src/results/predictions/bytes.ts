/** Arrays of uint16 are stored little-endian, whatever the machine's order is. */

export function toBytes(values: Uint16Array): Uint8Array<ArrayBuffer> {
  const bytes = new DataView(new ArrayBuffer(2 * values.length));
  values.forEach((value, i) => {
    bytes.setUint16(2 * i, value, true);
  });
  return new Uint8Array(bytes.buffer);
}

export function fromBytes(bytes: Uint8Array): Uint16Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.byteLength / 2 }, (_, i) => view.getUint16(2 * i, true));
}
