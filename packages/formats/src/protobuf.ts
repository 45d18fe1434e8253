/**
 * The wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding), as far as ONNX models and
 * TensorBoard's events need it.
 * A field is encoded as the parts of its bytes, so that weights are not copied.
 */
export interface Field {
  bytes: number;
  parts: Uint8Array[];
}

const wireTypes = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 };

/** @param value a non-negative integer of up to 53 bits */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

const key = (number: number, type: keyof typeof wireTypes) => varint(number * 8 + wireTypes[type]);

const fieldOf = (...parts: Uint8Array[]): Field => ({ bytes: parts.reduce((sum, p) => sum + p.byteLength, 0), parts });

export const integer = (number: number, value: number): Field =>
  fieldOf(Uint8Array.from([...key(number, 'varint'), ...varint(value)]));

export function float(number: number, value: number): Field {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return fieldOf(Uint8Array.from(key(number, 'fixed32')), bytes);
}

export function double(number: number, value: number): Field {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return fieldOf(Uint8Array.from(key(number, 'fixed64')), bytes);
}

/** A message within another one. */
export function message(number: number, fields: readonly Field[]): Field {
  const bytes = fields.reduce((sum, field) => sum + field.bytes, 0);
  const head = Uint8Array.from([...key(number, 'lengthDelimited'), ...varint(bytes)]);
  return fieldOf(head, ...fields.flatMap(({ parts }) => parts));
}

export const bytes = (number: number, value: Uint8Array): Field => message(number, [fieldOf(value)]);

export const text = (number: number, value: string): Field => bytes(number, Buffer.from(value));

/** Longer parts are not copied. */
const shortBytes = 4096;

/** The bytes of a whole file, whose fields these are; short parts are joined, because each is written by itself. */
export function fileOf(fields: readonly Field[]): Uint8Array[] {
  const file: Uint8Array[] = [];
  let short: Uint8Array[] = [];
  for (const part of fields.flatMap(({ parts }) => parts)) {
    if (part.byteLength > shortBytes) {
      file.push(Buffer.concat(short), part);
      short = [];
    } else short.push(part);
  }
  return [...file, Buffer.concat(short)];
}
