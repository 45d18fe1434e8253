import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

const renewMs = 2_000;
/** A lock that nobody renewed for so long belonged to a process that died. */
const staleMs = 15_000;
const pollMs = 100;

/**
 * Holds a lock file while `work` runs, among processes and machines that share the disk. It saves double work and is
 * no proof against it: whoever publishes under a name must do so by an exclusive operation all the same.
 */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
  while (!(await take(file))) {
    onWait();
    await setTimeout(pollMs);
  }
  const renewing = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), renewMs);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const renewed = await stat(file).then(
    (info) => info.mtimeMs,
    () => Date.now(),
  );
  if (Date.now() - renewed > staleMs) await setAside(file);
  return false;
}

/** By renaming, which only one of several waiting processes can do. */
async function setAside(file: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  await rename(file, aside).catch(() => {});
  await rm(aside, { force: true });
}
