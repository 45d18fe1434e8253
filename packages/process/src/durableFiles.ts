import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a rename or a new entry of `folder` survive a power cut: POSIX promises that only after the folder's own
 * fsync.
 */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Creates or replaces a file so that readers, and a machine that loses power, see the old content or the whole new one:
 * writes a new file beside it, fsyncs it, renames it and fsyncs the folder.
 * @param write fills the new, empty file; where it throws, the old file stays.
 * @returns the result of `write`.
 * @param mode permissions of the new file, from its first byte on, whatever the umask.
 */
export async function replaceFile<T>(
  file: string,
  write: (handle: FileHandle) => Promise<T>,
  mode?: number,
): Promise<T> {
  const partial = `${file}.part-${randomBytes(6).toString('hex')}`;
  const handle = await open(partial, 'wx', mode);
  let result: T;
  try {
    if (mode !== undefined) await handle.chmod(mode);
    result = await write(handle);
    await handle.sync();
    await handle.close();
    await rename(partial, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
  return result;
}

/** Creates a hard link. @returns false where `name` exists already; of several processes, one gets true. */
export async function linkIfAbsent(existing: string, name: string): Promise<boolean> {
  try {
    await link(existing, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
