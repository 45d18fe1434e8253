import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { linkIfAbsent } from './durableFiles.js';
import { Candidate, isHeld, isHere, isRunning, type LockHolder, readHolder } from './lockHolder.js';

/*
 * A lock that is a file, which contains who holds it. It is taken by linking a complete file under the lock's name,
 * which succeeds for one process only. A lock whose holder is dead is removed by one process at a time: the one that
 * holds the ticket for this dead holder (`removeDead`).
 *
 * Whether the holder lives says the kernel: the holder has the file open and locked (`kernelLock`), which containers
 * that share the folder see too. Without such locks the process id and start time say it, in the same namespace. From
 * elsewhere they say nothing; there the holder counts as dead when it has not rewritten the file for 15 s, or never
 * (`patient`). All ages are differences of modification times, so that the clocks of machines need not agree.
 *
 * Among processes of one machine at most one holds the lock. A holder on another machine that was suspended for longer
 * than that may find that somebody else took it: work that must never be done twice has to end with an exclusive
 * operation (`link`, a unique row) all the same.
 */

/** Another process holds the lock. */
export class LockHeldError extends Error {
  /** `orphaned`: the holder is dead, but a child of it has the lock (`inheritable`). */
  readonly where: 'here' | 'orphaned' | 'elsewhere';

  constructor(readonly holder: LockHolder) {
    super(`the lock is held by process ${holder.pid}`);
    this.name = new.target.name;
    const here = isRunning(holder) ? 'here' : 'orphaned';
    this.where = isHere(holder) ? here : 'elsewhere';
  }
}

const renewMs = 2000;
const pollMs = 100;

/** Form of a holder's id, which is also the end of its candidate's name. */
const idPattern = /^[0-9a-f]{16}$/;

export class FileLock {
  readonly #renewing: NodeJS.Timeout;
  #inherited = false;

  private constructor(
    private readonly file: string,
    private readonly candidate: Candidate,
  ) {
    this.#renewing = setInterval(() => void candidate.rewrite().catch(() => {}), renewMs).unref();
  }

  /**
   * Takes the lock or fails. The folder of `file` has to exist. Where the holder is on another machine, it may take
   * some seconds to find out whether it lives.
   * @param patient never presume a holder dead that cannot be seen from here.
   * @throws LockHeldError when another process holds it.
   */
  static async take(file: string, patient = false): Promise<FileLock> {
    const refuse = (holder: LockHolder) => {
      throw new LockHeldError(holder);
    };
    return FileLock.#acquire(file, refuse, patient);
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

  /**
   * For a child to inherit: while it or a child of it lives, no other process takes the lock, even when this one has
   * released it or is dead. Null where there are no locks of the kernel.
   */
  inheritable(): number | null {
    if (!this.candidate.holder.kernel) return null;
    this.#inherited = true;
    return this.candidate.descriptor;
  }

  /** Leaves the file alone where somebody else holds the lock by now. */
  async release(): Promise<void> {
    clearInterval(this.#renewing);
    const { file, candidate } = this;
    if (this.#inherited) return releaseInherited(file, candidate);
    if ((await readHolder(file))?.id === candidate.holder.id) await rm(file, { force: true });
    await candidate.close();
  }

  static async #acquire(file: string, onHeld: (holder: LockHolder) => void, patient = false): Promise<FileLock> {
    const candidate = await Candidate.create(file);
    try {
      while (!(await linkIfAbsent(candidate.path, file))) {
        const holder = await readHolder(file);
        if (holder === null) continue;
        if (await isHeld(file, holder, candidate, patient)) onHeld(holder);
        else await removeDead(file, holder, candidate);
        await sleep(pollMs);
      }
    } catch (error) {
      await candidate.close();
      throw error;
    } finally {
      await candidate.unlink();
    }
    await removeLeftovers(file);
    return new FileLock(file, candidate);
  }
}

/** As the next who takes the lock would: not while a child holds it. */
async function releaseInherited(file: string, released: Candidate): Promise<void> {
  await released.close();
  const candidate = await Candidate.create(file);
  try {
    if (!(await isHeld(file, released.holder, candidate, true))) await removeDead(file, released.holder, candidate);
  } finally {
    await candidate.unlink();
    await candidate.close();
  }
}

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
  if (owner && !(await isHeld(ticket, owner, candidate, false))) await removeDead(ticket, owner, candidate);
}

/** Removes the candidates of processes of this machine that died while they waited for the lock. */
async function removeLeftovers(file: string): Promise<void> {
  const prefix = `${basename(file)}.`;
  for (const name of await readdir(dirname(file))) {
    if (!name.startsWith(prefix) || !idPattern.test(name.slice(prefix.length))) continue;
    const path = join(dirname(file), name);
    const holder = await readHolder(path);
    if (holder && isHere(holder) && !isRunning(holder)) await rm(path, { force: true });
  }
}
