import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a server may take to finish what it is doing. */
const stopSeconds = 20;

/**
 * Clears the way after a kill: ends a server of this data folder that has outlived its supervisor, and removes the
 * pid file of one that is dead, whose number another process may carry by now.
 */
export async function clearLeftover(data: string): Promise<void> {
  const pidFile = path.join(data, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!(pid > 0)) return;
  if (await serves(pid, data)) await end(pid, data);
  await rm(pidFile, { force: true });
}

/** A server's working folder is its data folder. */
async function serves(pid: number, data: string): Promise<boolean> {
  if (process.platform === 'linux') return (await workingFolder(pid)) === (await realpath(data));
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const workingFolder = (pid: number): Promise<string | null> => readlink(`/proc/${pid}/cwd`).catch(() => null);

async function end(pid: number, data: string): Promise<void> {
  // SIGINT is Postgres' fast shutdown: connections end, nothing is lost.
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < stopSeconds; waited += 0.1) {
    await sleep(100);
    if (!(await serves(pid, data))) return;
  }
  process.kill(pid, 'SIGQUIT');
  await sleep(1000);
}
