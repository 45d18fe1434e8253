import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a server may take to shut down. */
const stopSeconds = 20;

/**
 * Cleans up after a stack that was killed: stops a server of this data folder that outlived its supervisor, and removes
 * the pid file, whose pid may belong to another process by now.
 */
export async function endLeftoverServer(data: string): Promise<void> {
  const pidFile = path.join(data, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!(pid > 0)) return;
  if (await serves(pid, data)) await end(pid, data);
  await rm(pidFile, { force: true });
}

/** Whether the process is a server of this data folder, which is then its working folder. */
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
  // SIGINT is Postgres' fast shutdown: it closes all connections and loses no committed data.
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < stopSeconds; waited += 0.1) {
    await sleep(100);
    if (!(await serves(pid, data))) return;
  }
  process.kill(pid, 'SIGQUIT');
  await sleep(1000);
}
