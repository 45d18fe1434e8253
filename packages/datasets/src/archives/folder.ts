import { copyFile, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { type Archive, type ArchiveFile, FileFault, type OpenedFile } from './archive.js';
import { ofDisk } from './damaged.js';
import { Guard } from './guard.js';
import type { ArchiveLimits } from './limits.js';
import { decodeNames, NamesError } from './names.js';
import { tooLarge } from './packed.js';
import { FolderWalk, type Found, namesOf, withNames } from './walk.js';

/**
 * Lists a folder once; reading goes over the list.
 * @returns also a fingerprint of what the disk says of its files; null where a change might not be seen
 */
export async function openFolder(
  path: string,
  limits: ArchiveLimits,
  onProgress: (files: number) => void,
): Promise<{ archive: Archive; fingerprint: string | null }> {
  const walk = new FolderWalk(path, limits, onProgress);
  const found = await walk.run();
  const { files, notes } = named(path, found);
  const archive: Archive = {
    path,
    kind: 'folder',
    files,
    emptyFolders: walk.emptyFolders,
    notes,
    warnings: walk.warnings,
    async *read(wanted = () => true) {
      let bytes = 0;
      for (const [i, file] of files.entries()) {
        if (!wanted(file.path)) continue;
        bytes += file.bytes;
        if (bytes > limits.totalBytes) {
          const why = `it has more than ${limits.totalBytes} bytes; split it into smaller sets`;
          throw new Guard(path, limits).refusal(why);
        }
        yield opened(path, limits, file, found[i]?.place ?? resolve(path, file.path));
      }
    },
    async locate(wanted) {
      const places = files.map((file, i): [string, string | Buffer] => [
        file.path,
        found[i]?.place ?? resolve(path, file.path),
      ]);
      return new Map(places.filter(([each]) => wanted(each)).map(([each, place]) => [each, place.toString()]));
    },
    close: async () => {},
  };
  return { archive, fingerprint: walk.fingerprint() };
}

/** Decodes names that are not UTF-8, and refuses where two paths become one by that. */
function named(folder: string, found: Found[]): { files: ArchiveFile[]; notes: string[] } {
  const raw = [...new Set(found.flatMap(({ file }) => namesOf(file.path)))];
  let names: ReturnType<typeof decodeNames>;
  try {
    names = decodeNames(
      raw.map((name) => ({ raw: name, utf8: false })),
      'unix',
    );
  } catch (error) {
    if (!(error instanceof NamesError)) throw error;
    throw new InvalidInputError(`${folder} cannot be imported: ${error.message}`);
  }
  const textOf = new Map(raw.map((name, i) => [name, names.names[i] as string]));
  const files = found.map(({ file }) => {
    const path = withNames(file.path, textOf);
    return path === file.path ? file : { ...file, path };
  });
  const seen = new Set<string>();
  for (const { path } of files) {
    if (seen.has(path)) {
      const spellings = 'in two spellings that look alike (Unicode NFC and NFD, or another code page)';
      throw new InvalidInputError(`${folder} contains ${JSON.stringify(path)} ${spellings}; rename one of them`);
    }
    seen.add(path);
  }
  return { files, notes: names.notes };
}

function opened(folder: string, limits: ArchiveLimits, file: ArchiveFile, place: string | Buffer): OpenedFile {
  const unreadable = file.unreadable ?? tooLarge(file.bytes, limits.entryBytes);
  const fault = ({ code = '' }: NodeJS.ErrnoException) => {
    throw new FileFault(folder, file.path, `cannot be read (${code}): ${ofDisk(code)}`);
  };
  return {
    ...file,
    ...(unreadable !== null && { unreadable }),
    file: typeof place === 'string' ? place : null,
    async read(mostBytes = limits.entryBytes) {
      const problem = file.unreadable ?? tooLarge(file.bytes, mostBytes);
      if (problem !== null) throw new FileFault(folder, file.path, problem);
      return readFile(place).catch(fault);
    },
    async save(to) {
      if (file.unreadable !== undefined) throw new FileFault(folder, file.path, file.unreadable);
      return copyFile(place, to).catch(fault);
    },
  };
}
