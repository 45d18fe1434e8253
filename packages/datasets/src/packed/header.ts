import type { FileHandle } from 'node:fs/promises';
import { type Dataset, InvalidInputError } from '@trainyard/contracts';
import { readExactly, withFile, writeExactly } from './files.js';
import {
  formatVersion,
  magic,
  oldestFormatVersion,
  type PackedHeader,
  packedHeaderSchema,
  prefixBytes,
} from './format.js';

const maxHeaderBytes = 4 * 1024 * 1024;
/** Reserved for notes and warnings, some of which are only known when all images are written. */
export const remarkBytes = 32 * 1024;

/**
 * Bytes to reserve for a header whose digest, moments, offsets and later version are not known yet.
 * @param known what is known of the header by now
 */
export function reservedBytes(known: object, channels: number): number {
  return prefixBytes + Buffer.byteLength(JSON.stringify(known)) + 2048 + 64 * channels + remarkBytes;
}

/** As many notes and warnings as fit into the space that is reserved for them; warnings first. */
export function fitRemarks(notes: string[], warnings: string[]): { notes: string[]; warnings: string[] } {
  let left = remarkBytes;
  const fits = (remark: string) => {
    left -= Buffer.byteLength(JSON.stringify(remark)) + 1;
    return left > 0;
  };
  return { warnings: warnings.filter(fits), notes: notes.filter(fits) };
}

export async function writeHeader(handle: FileHandle, header: PackedHeader): Promise<void> {
  const json = Buffer.from(JSON.stringify(header));
  if (prefixBytes + json.length > header.train.images.offset)
    throw new Error('the header does not fit before the data');
  const prefix = Buffer.alloc(prefixBytes);
  magic.copy(prefix);
  prefix.writeUInt32LE(formatVersion, 8);
  prefix.writeUInt32LE(json.length, 12);
  await writeExactly(handle, 0, Buffer.concat([prefix, json]));
}

/** @throws InvalidInputError when the file is not a packed dataset, or is cut short */
export async function readHeader(file: string): Promise<PackedHeader> {
  return withFile(file, async (handle) => {
    const size = (await handle.stat()).size;
    const unusable = (why: string) => new InvalidInputError(`${file} is not a usable packed dataset: ${why}`);
    if (size < prefixBytes) throw unusable('it is too short');
    const prefix = Buffer.from(await readExactly(handle, 0, prefixBytes));
    if (!prefix.subarray(0, magic.length).equals(magic)) throw unusable('it does not start with the magic bytes');
    const version = prefix.readUInt32LE(8);
    if (version < oldestFormatVersion || version > formatVersion) {
      throw unusable(`it has format ${version}, this version reads up to ${formatVersion}; import it again`);
    }
    const bytes = prefix.readUInt32LE(12);
    if (bytes > maxHeaderBytes || prefixBytes + bytes > size) throw unusable('its header is cut short');
    const header = parseHeader(Buffer.from(await readExactly(handle, prefixBytes, bytes)).toString('utf8'));
    if (header === null) throw unusable('its header cannot be parsed');
    if (header.dataset.bytes !== size) throw unusable(`it has ${size} bytes instead of ${header.dataset.bytes}`);
    return header;
  });
}

function parseHeader(json: string): PackedHeader | null {
  try {
    return packedHeaderSchema.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

/** Gives a packed file that is not published yet another name and version number; its digest stays the same. */
export async function setPackedName(file: string, name: string, version: number): Promise<Dataset> {
  const header = await readHeader(file);
  const dataset = { ...header.dataset, name, version };
  await withFile(
    file,
    async (handle) => {
      await writeHeader(handle, { ...header, dataset });
      await handle.sync();
    },
    'r+',
  );
  return dataset;
}
