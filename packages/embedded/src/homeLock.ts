import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConflictError } from '@trainyard/contracts';
import { FileLock, LockHeldError, type LockHolder } from '@trainyard/process';
import { endServer, serverOf } from './postgres/leftoverServer.js';

/** How long a server whose supervisor was killed may take to shut down. */
const orphanSeconds = 30;

/** Which a stack holds as long as it, or its Postgres, runs. */
export const lockFile = (home: string): string => path.join(home, 'up.lock');

/**
 * Reserves a home for this process, so that two stacks never serve one data folder, also where they do not see each
 * other's processes (two containers with one volume). Postgres inherits the lock, so that it outlives a supervisor that
 * was killed; a server that such a supervisor left behind in this namespace is stopped first.
 * @param data of Postgres.
 * @returns the lock; release it when all processes have ended.
 * @throws ConflictError when a living process holds the home.
 */
export async function lockHome(home: string, data: string): Promise<FileLock> {
  const file = lockFile(home);
  for (let waited = 0; ; waited += 0.1) {
    // Read before the lock is judged: a server that is found now belongs to the supervisor that is found dead then, and
    // not to one that takes the lock meanwhile.
    const server = await serverOf(data);
    try {
      return await FileLock.take(file, true);
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error;
      if (error.where !== 'orphaned' || waited > orphanSeconds) throw new ConflictError(inUse(home, file, error));
    }
    if (server) await endServer(server);
    await sleep(100);
  }
}

function inUse(home: string, file: string, { holder, where }: LockHeldError): string {
  // Where the kernel cannot be asked, no process here can know whether one elsewhere lives.
  const dead = where === 'elsewhere' && !holder.kernel ? `; if it is dead for certain, remove ${file}` : '';
  return `${home} is in use by ${user(holder, where)}; stop it, or set TRAINYARD_HOME to another folder${dead}`;
}

/** A holder, for people. */
export function user({ pid, host, machine }: LockHolder, where: LockHeldError['where']): string {
  if (where === 'here') return `process ${pid}`;
  if (where === 'orphaned') return `a process that process ${pid} started before it was killed`;
  const namespace = /pid:\[\d+\]/.exec(host)?.[0];
  const container = namespace ? ` of another container or pid namespace (${namespace})` : '';
  return `process ${pid}${container} on ${machine}, or by its Postgres`;
}
