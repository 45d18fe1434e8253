import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ConflictError } from '@trainyard/contracts';

interface Holder {
  pid: number;
  /** When the process began, as the kernel counts it: a number of a dead process is soon another's. */
  began: string | null;
  id: string;
}

/**
 * Takes a home for this process; gives the function that lets it go. A lock whose process is dead counts for nothing.
 * @throws ConflictError when another process works on the home.
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true });
  const file = path.join(home, 'up.lock');
  const mine: Holder = { pid: process.pid, began: startOf(process.pid), id: randomUUID() };
  if (!(await claim(file, mine))) {
    const holder = await read(file);
    if (holder && startOf(holder.pid) !== null && startOf(holder.pid) === holder.began) {
      throw new ConflictError(
        `${home} is in use by process ${holder.pid}; stop it, or set TRAINYARD_HOME to another folder`,
      );
    }
    await rm(file, { force: true });
    await claim(file, mine);
  }
  // Of two that found the same dead lock, one has removed the other's.
  if ((await read(file))?.id !== mine.id) throw new ConflictError(`${home} has just been taken by another process`);
  return async () => {
    if ((await read(file))?.id === mine.id) await rm(file, { force: true });
  };
}

async function claim(file: string, holder: Holder): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function read(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

/** Field 22 of proc_pid_stat(5); where there is no /proc, whether the process lives; null: it does not. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return process.platform === 'linux' ? null : lives(pid);
  }
}

function lives(pid: number): string | null {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return null;
  }
}
