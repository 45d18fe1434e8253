import { chmod, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Lets all users traverse (not list) the folders above `target`. Root's home is closed to the user that Postgres runs
 * as, and both its executables and its data may be below it.
 * @param print receives a line for each folder whose mode was changed.
 */
export async function grantTraverse(target: string, print: (line: string) => void): Promise<void> {
  let folder = path.dirname(path.resolve(target));
  while (folder !== path.dirname(folder)) {
    const { mode } = await stat(folder);
    if ((mode & 0o001) === 0) {
      await chmod(folder, (mode & 0o7777) | 0o001);
      print(`Changed the mode of ${folder} (o+x): Postgres runs as the user "postgres", who needs to traverse it`);
    }
    folder = path.dirname(folder);
  }
}

/**
 * Lets all users read what is below `folder`, and run what its owner may run: a checkout that root made with the umask
 * 077 or 027 is closed to the user that Postgres runs as.
 * @param print receives one line if any mode was changed.
 */
export async function grantRead(folder: string, print: (line: string) => void): Promise<void> {
  let changed = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const { mode } = await stat(file);
    const wanted = mode | 0o004 | (mode & 0o100 ? 0o001 : 0);
    if (wanted === mode) continue;
    await chmod(file, wanted & 0o7777);
    changed += 1;
  }
  if (changed > 0) print(`Opened ${changed} files of ${folder} (o+rX): Postgres runs as the user "postgres"`);
}
