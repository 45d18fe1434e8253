import { chmod, stat } from 'node:fs/promises';
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
