import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a server may take to shut down. */
const stopSeconds = 20;

/** A running server of a data folder. */
export interface LeftoverServer {
  pid: number;
  data: string;
}

/**
 * Cleans up after a stack that was killed: stops a server of this data folder that outlived its supervisor, and removes
 * the pid file, whose pid may belong to another process by now. Only for the holder of the home's lock: a server in
 * another pid namespace cannot be seen from here.
 */
export async function endLeftoverServer(data: string): Promise<void> {
  const server = await serverOf(data);
  if (server) await endServer(server);
  await rm(pidFileOf(data), { force: true });
}

/** The server of this data folder in this pid namespace. */
export async function serverOf(data: string): Promise<LeftoverServer | null> {
  const pid = Number((await readFile(pidFileOf(data), 'utf8').catch(() => '')).split('\n')[0]);
  return pid > 0 && (await serves({ pid, data })) ? { pid, data } : null;
}

const pidFileOf = (data: string): string => path.join(data, 'postmaster.pid');

/** Whether the process is a server of this data folder, which is then its working folder. */
async function serves({ pid, data }: LeftoverServer): Promise<boolean> {
  if (process.platform === 'linux') return (await workingFolder(pid)) === (await realpath(data).catch(() => data));
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const workingFolder = (pid: number): Promise<string | null> => readlink(`/proc/${pid}/cwd`).catch(() => null);

export async function endServer(server: LeftoverServer): Promise<void> {
  // SIGINT is Postgres' fast shutdown: it closes all connections and loses no committed data.
  signal(server, 'SIGINT');
  for (let waited = 0; waited < stopSeconds; waited += 0.1) {
    await sleep(100);
    if (!(await serves(server))) return;
  }
  signal(server, 'SIGQUIT');
  await sleep(1000);
}

/** It may have ended meanwhile. */
function signal({ pid }: LeftoverServer, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
