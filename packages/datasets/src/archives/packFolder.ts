import { createReadStream } from 'node:fs';
import { InvalidInputError } from '@trainyard/contracts';
import { openArchive } from './openArchive.js';

const block = 512;
const padded = (bytes: number): number => Math.ceil(bytes / block) * block;

/** A folder as a tar that is made while it is read, and that can be read from any byte on. */
export interface PackedFolder {
  bytes: number;
  read(from: number): AsyncGenerator<Uint8Array>;
}

/** @throws InvalidInputError for a folder that cannot be listed; `read` also for a file that has changed since then */
export async function packFolder(folder: string): Promise<PackedFolder> {
  const archive = await openArchive(folder, {});
  const { files } = archive;
  const places = await archive.locate(() => true);
  const bytesOf = ({ path, bytes }: { path: string; bytes: number }) => headerOf(path, bytes).length + padded(bytes);
  return {
    bytes: files.reduce((sum, file) => sum + bytesOf(file), 0) + 2 * block,
    async *read(from) {
      let skip = from;
      for (const file of files) {
        const length = bytesOf(file);
        if (skip < length) yield* entry(file.path, file.bytes, places.get(file.path) as string, skip);
        skip = Math.max(0, skip - length);
      }
      yield Buffer.alloc(2 * block - skip);
    },
  };
}

async function* entry(path: string, bytes: number, place: string, skip: number): AsyncGenerator<Uint8Array> {
  const header = headerOf(path, bytes);
  if (skip < header.length) yield header.subarray(skip);
  const start = Math.max(0, skip - header.length);
  let at = start;
  if (start < bytes) {
    // One byte more than there should be, to notice a file that has grown.
    for await (const chunk of createReadStream(place, { start, end: bytes })) {
      at += chunk.length;
      if (at > bytes) break;
      yield chunk;
    }
    if (at !== bytes) throw new InvalidInputError(`${place} changed while it was read; start again`);
  }
  if (padded(bytes) > at) yield Buffer.alloc(padded(bytes) - at);
}

/** The header of a file in the format pax (POSIX.1-2001), which holds names of any length and files of any size. */
function headerOf(path: string, bytes: number): Buffer {
  const name = Buffer.from(path);
  if (name.length <= 100 && bytes < 8 ** 11) return ustar(name, bytes, '0');
  const records = Buffer.concat([paxRecord('path', path), paxRecord('size', String(bytes))]);
  const content = Buffer.alloc(padded(records.length));
  records.copy(content);
  return Buffer.concat([
    ustar(Buffer.from('pax'), records.length, 'x'),
    content,
    ustar(name.subarray(0, 100), bytes < 8 ** 11 ? bytes : 0, '0'),
  ]);
}

/** `30 path=...\n`, where the number is the length of the whole record in bytes. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length > length) length++;
  return Buffer.from(`${length}${rest}`);
}

function ustar(name: Buffer, bytes: number, type: string): Buffer {
  const header = Buffer.alloc(block);
  name.copy(header);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
