import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ConflictError } from '@trainyard/contracts';
import { FileLock, LockHeldError } from '@trainyard/process';

/**
 * Reserves a home for this process, so that two stacks never serve one data folder.
 * @returns the lock; release it when all processes have ended.
 * @throws ConflictError when a living process holds the home.
 */
export async function lockHome(home: string): Promise<FileLock> {
  await mkdir(home, { recursive: true });
  return FileLock.take(path.join(home, 'up.lock')).catch((error: unknown) => {
    if (!(error instanceof LockHeldError)) throw error;
    const { pid } = error.holder;
    throw new ConflictError(`${home} is in use by process ${pid}; stop it, or set TRAINYARD_HOME to another folder`);
  });
}
