import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { SettingError } from '@trainyard/contracts';
import { storageFault } from '@trainyard/process';

/**
 * The home contains keys and passwords, so others may not read it. When root runs the stack, Postgres runs as another
 * user, who needs to traverse it.
 * @param postgres the folder of the embedded Postgres below it.
 * @throws SettingError when the home belongs to another user or cannot be created; nothing was changed then.
 */
export async function createHome(home: string, postgres: string): Promise<void> {
  await refuseOthersHome(home, postgres);
  const created = await createFolder(home).catch((error: unknown) => {
    throw folderFault(error, home) ?? error;
  });
  if (created !== undefined) await chmod(home, process.getuid?.() === 0 ? 0o711 : 0o700);
}

async function createFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (error) {
    // Node.js says ENOENT on a read-only file system; without `recursive` it has the true reason.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') await mkdir(folder);
    throw error;
  }
}

/** Root may use an empty folder of another user, like a volume of a container, but not the database in it. */
async function refuseOthersHome(home: string, postgres: string): Promise<void> {
  const self = process.getuid?.();
  const owner = (await ownerOf(postgres)) ?? (await ownerOf(home));
  if (self === undefined || owner === null || owner === self) return;
  const isUsable = (await ownerOf(postgres)) === null && (await isWritable(home));
  if (isUsable) return;
  const [other, name] = await Promise.all([owner, self].map(userName));
  const text = `names ${home}, which belongs to ${other}, not to ${name}`;
  throw new SettingError('TRAINYARD_HOME', `${text}; start as ${other}, or set it to another folder`);
}

/** Null where there is no such file, or where it cannot be seen. */
export const ownerOf = (file: string): Promise<number | null> =>
  stat(file).then(
    ({ uid }) => uid,
    () => null,
  );

const isWritable = (folder: string): Promise<boolean> =>
  access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );

export async function userName(uid: number): Promise<string> {
  const { stdout } = await promisify(execFile)('id', ['-un', String(uid)]).catch(() => ({ stdout: '' }));
  return stdout.trim() || `the user id ${uid}`;
}

const reasons: Record<string, string> = {
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'there is a file of this name',
  ENAMETOOLONG: 'its path is too long',
};

/** What the operator has to change when a file of the home cannot be written; null for other errors. */
export function folderFault(error: unknown, home: string): SettingError | null {
  const { code = '', path = home } = (error instanceof Error ? error : {}) as NodeJS.ErrnoException;
  const reason = storageFault(error) ?? reasons[code];
  if (reason === undefined) return null;
  const text = `names ${home}, but ${path} cannot be written: ${reason}`;
  return new SettingError('TRAINYARD_HOME', `${text}; or set it to another folder`, { cause: error });
}
