import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from './archive.js';

/** Adds `locate` and `close` to an archive whose files are no files of the disk. */
export function located(archive: Omit<Archive, 'locate' | 'close'>): Archive {
  let folder: string | null = null;
  const places = new Map<string, string>();
  return {
    ...archive,
    async locate(wanted) {
      const missing = archive.files.filter(({ path }) => wanted(path) && !places.has(path));
      await checkSpace(
        archive.path,
        missing.reduce((sum, { bytes }) => sum + bytes, 0),
      );
      folder ??= await mkdtemp(join(tmpdir(), 'trainyard-unpacked-'));
      const names = new Set(missing.map(({ path }) => path));
      for await (const file of archive.read((path) => names.has(path))) {
        // By number: names of an archive never become names on the disk.
        const place = join(folder, String(places.size));
        await file.save(place);
        places.set(file.path, place);
      }
      return new Map([...places].filter(([path]) => wanted(path)));
    },
    async close() {
      if (folder !== null) await rm(folder, { recursive: true, force: true });
      folder = null;
      places.clear();
    },
  };
}

async function checkSpace(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  if (bytes <= bavail * bsize) return;
  const inMegabytes = (count: number) => `${Math.ceil(count / 1e6)} MB`;
  throw new InvalidInputError(
    `${path} needs ${inMegabytes(bytes)} in ${tmpdir()} to be unpacked, but only ${inMegabytes(bavail * bsize)} are ` +
      'free; free some space there, choose another folder (TMPDIR), or unpack it and import the folder',
  );
}
