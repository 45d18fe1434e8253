import { readFile } from 'node:fs/promises';
import { type WrittenFile, writeDurably } from './files.js';
import type { NamedTensor } from './tensor.js';
import { assertConsistent, bytesOf, bytesPerElement, elementsOf, type TensorType, tensorFrom } from './tensor.js';

/**
 * The safetensors format (https://github.com/huggingface/safetensors#format): eight bytes, the header's length N as an
 * unsigned little-endian integer; N bytes of JSON, name -> {dtype, shape, data_offsets [begin, end) after the header},
 * padded with spaces so that the data begins at a multiple of eight; the tensors' bytes, without holes.
 */

/** The format's own limit. */
const maxHeaderBytes = 100_000_000;

interface Entry {
  dtype: TensorType;
  shape: number[];
  data_offsets: [number, number];
}

function encodeHeader(tensors: readonly NamedTensor[], metadata: Record<string, string>): Buffer {
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
  const encoded = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  encoded.writeBigUInt64LE(BigInt(encoded.length - 8), 0);
  json.copy(encoded, 8);
  return encoded;
}

/** Writes `tensors` in the given order into a new, fsynced file. Equal tensors and metadata give equal bytes. */
export const writeSafetensors = async (
  file: string,
  tensors: readonly NamedTensor[],
  metadata: Record<string, string> = {},
): Promise<WrittenFile> => writeDurably(file, [encodeHeader(tensors, metadata), ...tensors.map(bytesOf)]);

/** @throws Error, naming what is wrong, when the bytes are not a whole safetensors file of F32, I32 and U8 tensors. */
export function parseSafetensors(bytes: Uint8Array): { tensors: NamedTensor[]; metadata: Record<string, string> } {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 8) throw new Error('shorter than a safetensors header');
  const headerBytes = Number(file.readBigUInt64LE(0));
  if (headerBytes > maxHeaderBytes || 8 + headerBytes > file.length) throw new Error('the header is cut short');
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(file.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    Entry
  > & { __metadata__?: Record<string, string> };
  const data = file.subarray(8 + headerBytes);
  const tensors = Object.entries(entries).map(([name, entry]) => parseEntry(name, entry, data));
  return { tensors, metadata };
}

function parseEntry(name: string, { dtype, shape, data_offsets: [begin, end] }: Entry, data: Buffer): NamedTensor {
  if (!Object.hasOwn(bytesPerElement, dtype)) throw new Error(`tensor ${name} has the unknown type ${dtype}`);
  const fits = begin >= 0 && end <= data.length && end - begin === elementsOf(shape) * bytesPerElement[dtype];
  if (!fits) throw new Error(`tensor ${name} does not lie within the file`);
  return tensorFrom(name, shape, dtype, data.subarray(begin, end));
}

/** The tensors of a file, in its order. */
export const readSafetensors = async (file: string): Promise<NamedTensor[]> =>
  parseSafetensors(await readFile(file)).tensors;
