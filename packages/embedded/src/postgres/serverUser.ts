import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The system user that Postgres runs as; null: the user of this process. */
export type ServerUser = { uid: number; gid: number } | null;

const userName = 'postgres';
const createUser = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', userName];

/** Postgres refuses to run as root: root runs it as the user `postgres`, which is created where it is missing. */
export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return null;
  const existing = await idsOf(userName);
  if (existing) return existing;
  await execute('useradd', createUser);
  const created = await idsOf(userName);
  if (!created) throw new Error('Postgres cannot run as root; create a user for it: useradd -r postgres');
  return created;
}

async function idsOf(name: string): Promise<ServerUser> {
  try {
    const [uid, gid] = await Promise.all([execute('id', ['-u', name]), execute('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}
