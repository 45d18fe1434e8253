import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError, TrainyardError } from '@trainyard/contracts';
import { findHolder, type HeldBy, isRunning } from '@trainyard/process';
import { lockFile, lockHome, user } from './homeLock.js';
import { dataFolder } from './postgres/cluster.js';

/*
 * The stack that another process runs on a home, as the home's lock shows it. The lock names the process and when it
 * started, and the kernel knows whether it is held: what a dead stack has left is not mistaken for a process.
 */

const pollMs = 100;

export const stackOf = (home: string): Promise<HeldBy | null> => findHolder(lockFile(home));

export interface StopOptions {
  home: string;
  /** Folder of the embedded Postgres. */
  postgres: string;
  /** After this time the wait ends; the stack goes on stopping. */
  seconds: number;
  print: (line: string) => void;
}

/**
 * Asks the stack of a home to stop, as Ctrl-C would, and waits until all its processes have ended. What a killed stack
 * has left behind is ended too.
 * @returns the id of the process that was asked; null when there was none.
 * @throws ConflictError when the stack runs where no signal reaches it; TrainyardError when it has not ended in time.
 */
export async function stopStack({ home, postgres, seconds, print }: StopOptions): Promise<number | null> {
  const found = await stackOf(home);
  if (found === null) return null;
  const { holder, where } = found;
  if (where === 'elsewhere') throw new ConflictError(`${home} is in use by ${user(holder, where)}; stop it there`);
  if (where === 'orphaned') {
    print(`Ending what process ${holder.pid} has left behind when it was killed ...`);
    const lock = await lockHome(home, dataFolder(postgres));
    await lock.release();
    return holder.pid;
  }
  terminate(holder.pid);
  print(`Stopping process ${holder.pid}: waiting for its worker to hand its job back ...`);
  for (let waited = 0; waited < seconds * 1000; waited += pollMs) {
    // The process itself ends a moment after it has released the lock.
    if ((await stackOf(home))?.holder.id !== holder.id && !isRunning(holder)) return holder.pid;
    await sleep(pollMs);
  }
  throw new TrainyardError(
    'unavailable',
    `process ${holder.pid} has not ended after ${seconds} s; it is still stopping`,
  );
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPERM') throw new ConflictError(`process ${pid} belongs to another user, who has to stop it`);
    // It has ended meanwhile.
    if (code !== 'ESRCH') throw error;
  }
}
