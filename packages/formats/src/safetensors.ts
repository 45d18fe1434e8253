import { jsonText } from '@trainyard/contracts';
import { z } from 'zod';
import { assertConsistent, byteLength, bytesOf, isTensorType, type NamedTensor, tensorFrom } from './tensor.js';

/**
 * The safetensors format (https://github.com/huggingface/safetensors#format): eight bytes with the header's length N
 * as an unsigned little-endian integer; N bytes of JSON, name -> {dtype, shape, data_offsets [begin, end) after the
 * header}, padded with spaces so that the data begins at a multiple of eight; the bytes of the tensors, without
 * holes.
 */

const lengthBytes = 8;
/** The format's own limit. */
const maxHeaderBytes = 100_000_000;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int(), z.int()]),
});
export type Entry = z.infer<typeof entrySchema>;

const metadataSchema = z.record(z.string(), z.string());
const headerSchema = jsonText(z.object({ __metadata__: metadataSchema.default({}) }).catchall(entrySchema));

/**
 * The parts of a safetensors file, one after the other, with `tensors` in the given order. Equal tensors and metadata
 * have equal bytes. The parts share memory with the tensors.
 * @throws Error when two tensors have the same name, or the values of one do not have its type or shape.
 */
export const encodeSafetensors = (
  tensors: readonly NamedTensor[],
  metadata: Record<string, string> = {},
): Uint8Array[] => [encodeHeader(tensors, metadata), ...tensors.map(bytesOf)];

function encodeHeader(tensors: readonly NamedTensor[], metadata: Record<string, string>): Uint8Array {
  const header: Record<string, Entry | Record<string, string>> = { __metadata__: metadata };
  let offset = 0;
  for (const tensor of tensors) {
    assertConsistent(tensor);
    if (Object.hasOwn(header, tensor.name)) throw new Error(`two tensors are named ${tensor.name}`);
    const end = offset + tensor.data.byteLength;
    header[tensor.name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header));
  const encoded = Buffer.alloc(lengthBytes + Math.ceil(json.length / 8) * 8, ' ');
  encoded.writeBigUInt64LE(BigInt(encoded.length - lengthBytes), 0);
  json.copy(encoded, lengthBytes);
  return encoded;
}

/**
 * The tensors of a safetensors file, in the order of its header.
 * @throws Error that says what is wrong when the bytes are not a whole file of F32, I32 and U8 tensors.
 */
export function parseSafetensors(bytes: Uint8Array): { tensors: NamedTensor[]; metadata: Record<string, string> } {
  const { entries, metadata, data } = openSafetensors(bytes);
  return { tensors: Object.entries(entries).map(([name, entry]) => tensorOf(name, entry, data)), metadata };
}

/**
 * The header of a safetensors file, and the bytes after it; its tensors may be of any type.
 * @throws Error that says what is wrong when the bytes do not begin with a header
 */
export function openSafetensors(bytes: Uint8Array): {
  entries: Record<string, Entry>;
  metadata: Record<string, string>;
  data: Buffer;
} {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < lengthBytes) throw new Error('shorter than a safetensors header');
  const dataStart = lengthBytes + Number(file.readBigUInt64LE(0));
  if (dataStart > lengthBytes + maxHeaderBytes || dataStart > file.length) throw new Error('the header is cut short');
  const header = headerSchema.safeParse(file.toString('utf8', lengthBytes, dataStart));
  if (!header.success) throw new Error('the header is not one of a safetensors file', { cause: header.error });
  const { __metadata__: metadata, ...entries } = header.data;
  return { entries, metadata, data: file.subarray(dataStart) };
}

/** @throws Error for a type that is not F32, I32 or U8, or values outside of the file */
export function tensorOf(name: string, { dtype, shape, data_offsets: [begin, end] }: Entry, data: Buffer): NamedTensor {
  if (!isTensorType(dtype)) throw new Error(`tensor ${name} has the unknown type ${dtype}`);
  const fits = begin >= 0 && end <= data.length && end - begin === byteLength(dtype, shape);
  if (!fits) throw new Error(`tensor ${name} is not within the file`);
  return tensorFrom(name, shape, dtype, data.subarray(begin, end));
}
