import { gunzipSync } from 'node:zlib';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from '../../archives/archive.js';

/** Files of this size fit into memory on any machine that trains. */
const mostBytes = 2 * 1024 ** 3 - 1;

/** The contents of some files of a source, unpacked where they are gzip files. @throws InvalidInputError */
export async function readMembers(archive: Archive, paths: readonly string[]): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for await (const file of archive.read((path) => paths.includes(path))) {
    const bytes = await file.read(mostBytes);
    contents.set(
      file.path,
      bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(bytes, `${archive.path}: ${file.path}`) : bytes,
    );
  }
  const missing = paths.filter((path) => !contents.has(path));
  if (missing.length > 0) throw new InvalidInputError(`${archive.path} changed while it was read; import it again`);
  return contents;
}

function unpack(bytes: Buffer, file: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    throw new InvalidInputError(`${file} cannot be unpacked (${(error as Error).message}); copy it again`);
  }
}
