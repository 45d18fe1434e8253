import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestSource } from '../store/digestSource.js';
import type { Archive, OpenedFile } from './archive.js';
import { isFolder, readEntries } from './index.js';
import { type ArchiveLimits, defaultArchiveLimits } from './limits.js';

const litter = (path: string) =>
  path.split('/').some((part) => part.startsWith('.') || /^(__MACOSX|Thumbs\.db|desktop\.ini)$/i.test(part));

export async function openArchive(
  path: string,
  {
    limits = defaultArchiveLimits,
    onProgress = () => {},
  }: { limits?: ArchiveLimits | undefined; onProgress?: (files: number) => void },
): Promise<Archive> {
  const folder = await isFolder(path);
  const files: { path: string; bytes: number }[] = [];
  for await (const entry of readEntries(path, limits)) {
    if (litter(entry.path)) continue;
    files.push({ path: entry.path, bytes: entry.bytes });
    onProgress(files.length);
  }
  return {
    path,
    kind: folder ? 'folder' : 'archive',
    files,
    notes: [],
    fingerprint: () => digestSource(path),
    async *read(wanted = () => true): AsyncGenerator<OpenedFile> {
      if (folder) {
        for (const file of files) {
          const full = join(path, file.path);
          if (wanted(file.path)) yield { ...file, file: full, read: () => readFile(full) };
        }
        return;
      }
      for await (const entry of readEntries(path, limits)) {
        if (!litter(entry.path) && wanted(entry.path)) yield { ...entry, file: null, read: () => entry.read() };
      }
    },
  };
}
