import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, hasEnded } from '../childProcess.js';
import { LogFile } from '../logFile.js';
import { reasonOf } from '../logReason.js';
import { type Cluster, databaseUser } from './cluster.js';
import { withoutLibpq } from './environment.js';
import { endLeftoverServer } from './leftoverServer.js';

const startSeconds = 60;

export const clusterUrl = ({ port, password }: Cluster): string =>
  `postgresql://${databaseUser}:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;

/**
 * Serves a cluster on 127.0.0.1 only: on no other interface and no socket file. Resolves when it accepts connections.
 * @throws Error with the end of its log when it does not start.
 */
export async function startServer(cluster: Cluster, logFile: string): Promise<ChildProcess> {
  await endLeftoverServer(cluster.data);
  const log = await LogFile.open(logFile);
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '100' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(cluster.binaries.postgres, ['-D', cluster.data, '-p', String(cluster.port), ...flags], {
    ...cluster.user,
    cwd: '/',
    env: withoutLibpq(process.env),
    // Outside the terminal's process group: Ctrl-C would end the database before the workers have handed back.
    detached: true,
    stdio: ['ignore', log.fd, log.fd, cluster.lock ?? 'ignore'],
  });
  await log.close();
  await ready(child, cluster.data).catch(async (error: unknown) => {
    await endProcess(child, 'SIGQUIT', 5);
    const reason = reasonOf(await log.tail(4000));
    throw new Error(`Postgres did not start: ${reason} (its log: ${logFile})`, { cause: error });
  });
  return child;
}

/** As pg_ctl does it: the eighth line of postmaster.pid is the server's state. */
async function ready(child: ChildProcess, data: string): Promise<void> {
  for (let waited = 0; waited < startSeconds; waited += 0.02) {
    if (hasEnded(child)) throw new Error('it ended');
    const lines = (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return;
    await sleep(20);
  }
  throw new Error(`it was not ready within ${startSeconds} s`);
}

/** Closes connections and writes everything to disk. */
export const stopServer = (child: ChildProcess): Promise<void> => endProcess(child, 'SIGINT', 20);
