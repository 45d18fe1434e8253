import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, hasEnded } from '../processes.js';
import { type Cluster, userName } from './cluster.js';
import { clearLeftover } from './leftover.js';

const startSeconds = 60;

export const clusterUrl = ({ port, password }: Cluster): string =>
  `postgresql://${userName}:${password}@127.0.0.1:${port}/postgres`;

/**
 * Serves a cluster on 127.0.0.1, and nowhere else: no other interface, no socket file. Resolves when it answers.
 * @throws Error with the end of its log when it does not.
 */
export async function servePostgres(cluster: Cluster, logFile: string): Promise<ChildProcess> {
  await clearLeftover(cluster.data);
  const log = await open(logFile, 'a');
  const begin = (await log.stat()).size;
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '100' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(cluster.programs.postgres, ['-D', cluster.data, '-p', String(cluster.port), ...flags], {
    ...cluster.owner,
    cwd: '/',
    // Out of the terminal's process group: its Ctrl-C would end the database before the workers have handed back.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  await ready(child, cluster.data).catch(async (error: unknown) => {
    await endProcess(child, 'SIGQUIT', 5);
    const said = (await readFile(logFile)).subarray(begin).toString().slice(-4000);
    throw new Error(`Postgres did not start; its log says:\n${said}`, { cause: error });
  });
  return child;
}

/** As pg_ctl does it: the eighth line of postmaster.pid tells the state. */
async function ready(child: ChildProcess, data: string): Promise<void> {
  for (let waited = 0; waited < startSeconds; waited += 0.02) {
    if (hasEnded(child)) throw new Error('it ended');
    const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return;
    await sleep(20);
  }
  throw new Error(`it was not ready within ${startSeconds} s`);
}

/** Ends connections and writes everything down. */
export const stopPostgres = (child: ChildProcess): Promise<void> => endProcess(child, 'SIGINT', 20);
