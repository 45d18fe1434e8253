import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Guard, quote } from './guard.js';
import type { ArchiveEntry } from './kind.js';

/** Not in the list of archive kinds: a folder has no first bytes to recognise it by. */
export const folder = {
  name: 'folder',
  entries: (path: string, guard: Guard): AsyncGenerator<ArchiveEntry> => walk(path, '', guard),
};

/** In the order of the names, so that the same files give the same sequence on every file system. */
async function* walk(root: string, below: string, guard: Guard): AsyncGenerator<ArchiveEntry> {
  const names = (await readdir(join(root, below))).sort();
  for (const name of names) {
    const relative = below === '' ? name : `${below}/${name}`;
    const info = await lstat(join(root, relative));
    const path = guard.admit(relative, info.isFile() ? info.size : 0);
    if (path === null) continue;
    if (info.isDirectory()) yield* walk(root, relative, guard);
    else if (info.isFile()) yield { path, bytes: info.size, read: () => readFile(join(root, relative)) };
    else throw guard.refusal(`${quote(path)} is a link or a device; replace it by the file itself`);
  }
}
