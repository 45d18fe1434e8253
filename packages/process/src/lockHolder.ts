import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { kernelLock } from './kernelLock.js';
import { bootOf, host, startOf } from './processIdentity.js';

export interface LockHolder {
  pid: number;
  /** When the process started, as the kernel counts it; after a while the id of a dead process belongs to another. */
  began: string | null;
  /** Boot and process-id namespace in which `pid` is valid. */
  host: string;
  /** Name of the machine or container, for people. */
  machine: string;
  /** Whether it also holds the kernel's lock on the file. */
  kernel: boolean;
  /** Of this one taking of the lock. */
  id: string;
}

const staleMs = 15_000;
const pollMs = 100;

/** The complete file of this process, which becomes the lock when it is linked under the lock's name. */
export class Candidate {
  private constructor(
    readonly path: string,
    readonly holder: LockHolder,
    private readonly handle: FileHandle,
  ) {}

  static async create(file: string): Promise<Candidate> {
    const id = randomBytes(8).toString('hex');
    const path = `${file}.${id}`;
    const handle = await open(path, 'wx', 0o600);
    const kernel = (await kernelLock(handle.fd, 'exclusive')) === 'locked';
    const holder = { pid: process.pid, began: startOf(process.pid), host, machine: hostname(), kernel, id };
    const candidate = new Candidate(path, holder, handle);
    try {
      await candidate.rewrite();
    } catch (error) {
      // The disk is full.
      await candidate.unlink();
      await candidate.close();
      throw error;
    }
    return candidate;
  }

  get descriptor(): number {
    return this.handle.fd;
  }

  /** Writes the same bytes again, which moves the modification time and never shows a reader half a file. */
  async rewrite(): Promise<void> {
    await this.handle.write(JSON.stringify(this.holder), 0);
  }

  /** The disk's own idea of the time, in milliseconds. */
  async now(): Promise<number> {
    await this.rewrite();
    return (await this.handle.stat()).mtimeMs;
  }

  unlink(): Promise<void> {
    return rm(this.path, { force: true });
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** @returns null where there is no lock any more. */
export async function readHolder(file: string): Promise<LockHolder | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : parseHolder(text);
}

/** Earlier versions wrote no host, and locked for one machine. Where nothing can be read, age decides. */
function parseHolder(text: string): LockHolder {
  const unknown = { pid: 0, began: null, machine: 'unknown', kernel: false, id: 'unknown' };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object') return { ...unknown, host, ...value };
  } catch {
    // Not written by this module.
  }
  return { ...unknown, host: 'unknown' };
}

/** Whether the process of a holder on this machine and in this namespace runs. */
export function isRunning({ pid, began }: LockHolder): boolean {
  const started = startOf(pid);
  return started !== null && started === began;
}

/** Whether the holder's process id means the same process here as there. */
export const isHere = (holder: LockHolder): boolean => holder.host === host;

/**
 * Whether somebody still holds a lock: the holder, or a child that inherited the descriptor.
 * @param patient an owner that cannot be seen from here is never presumed dead.
 */
export async function isHeld(file: string, holder: LockHolder, clock: Candidate, patient: boolean): Promise<boolean> {
  const answer = holder.kernel ? await probe(file) : 'unknown';
  if (answer === 'held') return true;
  // On another machine the same file system need not have the same locks.
  if (answer === 'locked' && bootOf(holder.host) === bootOf(host)) return false;
  if (isHere(holder)) return isRunning(holder);
  if (patient && answer === 'unknown' && holder.host !== 'unknown' && !isOfEarlierBoot(holder)) return true;
  return isRewritten(file, clock);
}

/** This machine was started again since, so the holder is dead. */
const isOfEarlierBoot = (holder: LockHolder): boolean =>
  holder.machine === hostname() && bootOf(holder.host) !== bootOf(host);

/** Who holds a lock. `orphaned`: the process of the holder is dead, but a child of it has the lock. */
export interface HeldBy {
  holder: LockHolder;
  where: 'here' | 'orphaned' | 'elsewhere';
}

/**
 * Who holds a lock now, without taking it or writing anything; null: no process, as far as can be seen from here. For
 * `here` the process is certainly the holder: neither its id alone, which may belong to another process by now, nor
 * its start time alone, which only Linux has, is believed.
 */
export async function findHolder(file: string): Promise<HeldBy | null> {
  const holder = await readHolder(file);
  if (holder === null) return null;
  const answer = holder.kernel ? await probe(file) : 'unknown';
  const sameBoot = bootOf(holder.host) === bootOf(host);
  if (answer === 'locked' && sameBoot) return null;
  if (!isHere(holder)) return isOfEarlierBoot(holder) ? null : { holder, where: 'elsewhere' };
  const knowsProcess = holder.began !== 'running' || answer === 'held';
  if (isRunning(holder) && knowsProcess) return { holder, where: 'here' };
  return answer === 'held' ? { holder, where: 'orphaned' } : null;
}

/** Asks for a shared lock, so that those who ask at the same time do not take each other for the holder. */
async function probe(file: string) {
  const handle = await open(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return 'locked';
  try {
    return await kernelLock(handle.fd, 'shared');
  } finally {
    await handle.close();
  }
}

/** Waits until the file is rewritten, or has not been for too long. */
async function isRewritten(file: string, clock: Candidate): Promise<boolean> {
  const first = await modifiedAt(file);
  for (let latest = first; latest === first; latest = await modifiedAt(file)) {
    if (latest === null || (await clock.now()) - latest > staleMs) return false;
    await sleep(pollMs);
  }
  return true;
}

const modifiedAt = (file: string): Promise<number | null> =>
  stat(file).then(
    (info) => info.mtimeMs,
    () => null,
  );
