import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { linkIfAbsent } from './durableFiles.js';
import { host, startOf } from './processIdentity.js';

/*
 * A lock that is a file, which contains who holds it. It is taken by linking a complete file under the lock's name,
 * which succeeds for one process only. A lock whose holder is dead is removed by one process at a time: the one that
 * holds the ticket for this dead holder (`removeDead`).
 *
 * On the holder's own machine its process id and start time say whether it lives. From elsewhere (another machine or
 * container that shares the disk) they say nothing; there the holder counts as dead when it has not rewritten the file
 * for `staleMs`. All ages are differences of modification times, so that the clocks of machines need not agree.
 *
 * Among processes of one machine at most one holds the lock. A holder on another machine that was suspended for longer
 * than `staleMs` may find that somebody else took it: work that must never be done twice has to end with an exclusive
 * operation (`link`, a unique row) all the same.
 */

export interface LockHolder {
  pid: number;
  /** When the process started, as the kernel counts it; after a while the id of a dead process belongs to another. */
  began: string | null;
  /** Boot and process-id namespace in which `pid` is valid. */
  host: string;
  /** Of this one taking of the lock. */
  id: string;
}

/** Another process holds the lock. */
export class LockHeldError extends Error {
  constructor(readonly holder: LockHolder) {
    super(`the lock is held by process ${holder.pid}`);
    this.name = new.target.name;
  }
}

const renewMs = 2000;
const staleMs = 15_000;
const pollMs = 100;

/** Form of a holder's id, which is also the end of its candidate's name. */
const idPattern = /^[0-9a-f]{16}$/;

export class FileLock {
  readonly #renewing: NodeJS.Timeout;

  private constructor(
    private readonly file: string,
    private readonly candidate: Candidate,
  ) {
    this.#renewing = setInterval(() => void candidate.rewrite().catch(() => {}), renewMs).unref();
  }

  /**
   * Takes the lock or fails. The folder of `file` has to exist. Where the holder is on another machine, it may take
   * some seconds to find out whether it lives.
   * @throws LockHeldError when another process holds it.
   */
  static async take(file: string): Promise<FileLock> {
    return FileLock.#acquire(file, (holder) => {
      throw new LockHeldError(holder);
    });
  }

  /**
   * Waits until the lock is free and takes it.
   * @param onWait called each time another holder is found.
   */
  static async wait(file: string, onWait: () => void = () => {}): Promise<FileLock> {
    return FileLock.#acquire(file, onWait);
  }

  /** Runs `work` while holding the lock. */
  static async during<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
    const lock = await FileLock.wait(file, onWait);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  /** Leaves the file alone where somebody else holds the lock by now. */
  async release(): Promise<void> {
    clearInterval(this.#renewing);
    await this.candidate.close();
    if ((await readHolder(this.file))?.id === this.candidate.holder.id) await rm(this.file, { force: true });
  }

  static async #acquire(file: string, onHeld: (holder: LockHolder) => void): Promise<FileLock> {
    const candidate = await Candidate.create(file);
    try {
      while (!(await linkIfAbsent(candidate.path, file))) {
        const holder = await readHolder(file);
        if (holder === null) continue;
        if (await isAlive(file, holder, candidate)) onHeld(holder);
        else await removeDead(file, holder, candidate);
        await sleep(pollMs);
      }
    } catch (error) {
      await candidate.close();
      throw error;
    } finally {
      await rm(candidate.path, { force: true });
    }
    await removeLeftovers(file);
    return new FileLock(file, candidate);
  }
}

/** The complete file of this process, which becomes the lock when it is linked under the lock's name. */
class Candidate {
  private constructor(
    readonly path: string,
    readonly holder: LockHolder,
    private readonly handle: FileHandle,
  ) {}

  static async create(file: string): Promise<Candidate> {
    const id = randomBytes(8).toString('hex');
    const holder: LockHolder = { pid: process.pid, began: startOf(process.pid), host, id };
    const path = `${file}.${id}`;
    const candidate = new Candidate(path, holder, await open(path, 'wx', 0o600));
    await candidate.rewrite();
    return candidate;
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

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** @returns null where there is no lock any more. */
async function readHolder(file: string): Promise<LockHolder | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : parseHolder(text);
}

/** Earlier versions wrote no host, and locked for one machine. Where nothing can be read, age decides. */
function parseHolder(text: string): LockHolder {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object') return { pid: 0, began: null, host, id: 'unknown', ...value };
  } catch {
    // Not written by this module.
  }
  return { pid: 0, began: null, host: 'unknown', id: 'unknown' };
}

function isRunning({ pid, began }: LockHolder): boolean {
  const started = startOf(pid);
  return started !== null && started === began;
}

async function isAlive(file: string, holder: LockHolder, clock: Candidate): Promise<boolean> {
  if (holder.host === host) return isRunning(holder);
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

/**
 * Removes the lock of a dead holder. Without the ticket, a process that was slow after finding the dead lock could
 * remove the lock that a faster one has taken since: only the ticket's owner removes, and only what it reads again
 * under the ticket. The ticket is itself such a lock, as its owner may die.
 */
async function removeDead(file: string, dead: LockHolder, candidate: Candidate): Promise<void> {
  const ticket = `${file}.${dead.id}.dead`;
  if (await linkIfAbsent(candidate.path, ticket)) {
    try {
      if ((await readHolder(file))?.id === dead.id) await rm(file, { force: true });
    } finally {
      await rm(ticket, { force: true });
    }
    return;
  }
  const owner = await readHolder(ticket);
  if (owner && !(await isAlive(ticket, owner, candidate))) await removeDead(ticket, owner, candidate);
}

/** Removes the candidates of processes of this machine that died while they waited for the lock. */
async function removeLeftovers(file: string): Promise<void> {
  const prefix = `${basename(file)}.`;
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(prefix) || !idPattern.test(name.slice(prefix.length))) continue;
    const path = join(dirname(file), name);
    const holder = await readHolder(path);
    if (holder?.host === host && !isRunning(holder)) await rm(path, { force: true });
  }
}
