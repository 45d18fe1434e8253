import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Whom Postgres runs as; null: as who runs this process. */
export type Owner = { uid: number; gid: number } | null;

/** Postgres refuses to run as root; root gives it a user of its own, made where it is missing. */
export async function postgresOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return null;
  const existing = await idsOf('postgres');
  if (existing) return existing;
  await execute('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'postgres',
  ]);
  const made = await idsOf('postgres');
  if (!made)
    throw new Error('Postgres cannot run as root, and no user "postgres" could be made; make one: useradd -r postgres');
  return made;
}

async function idsOf(name: string): Promise<Owner> {
  try {
    const [uid, gid] = await Promise.all([execute('id', ['-u', name]), execute('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/**
 * Lets other users pass through the folders above `target`, not list them: root's home is closed to the user that Postgres
 * runs as, and both its programs and its data may lie there. Gives the folders that were opened.
 */
export async function letPass(target: string): Promise<string[]> {
  const opened: string[] = [];
  for (
    let folder = path.dirname(path.resolve(target));
    folder !== path.dirname(folder);
    folder = path.dirname(folder)
  ) {
    const { mode } = await stat(folder);
    if (mode & 0o001) continue;
    await chmod(folder, (mode & 0o7777) | 0o001);
    opened.push(folder);
  }
  return opened;
}
