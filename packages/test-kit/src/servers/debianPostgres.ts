import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { eventually } from '../eventually.js';
import { createFolder, type PostgresServer } from './postgres.js';

/** Where Debian's packages have the programs of each version. */
const versions = '/usr/lib/postgresql';

/** The folder of the programs of the oldest version that is installed from Debian; null without any. */
export async function findDebianPostgres(): Promise<string | null> {
  const found = await readdir(versions).catch(() => []);
  const [oldest] = found.sort((a, b) => Number(a) - Number(b));
  return oldest === undefined ? null : join(versions, oldest, 'bin');
}

/** Starts an empty Postgres of Debian's package on a free port of 127.0.0.1, with the defaults of that version. */
export async function startDebianPostgres(
  programs: string,
): Promise<Pick<PostgresServer, 'url' | 'dataFolder' | 'stop'>> {
  const [folder, port] = [await createFolder(), await getPort()];
  const dataFolder = join(folder, 'data');
  const owner = process.getuid?.() === 0 ? await ownedByPostgres(folder) : {};
  const setup = ['--pgdata', dataFolder, '--username', 'trainyard', '--auth', 'trust', '--no-sync'];
  execFileSync(join(programs, 'initdb'), setup, { ...owner, stdio: 'pipe', cwd: folder });
  const flags = ['-D', dataFolder, '-p', String(port), '-c', 'fsync=off', '-c', `unix_socket_directories=`];
  const server = spawn(join(programs, 'postgres'), flags, { ...owner, stdio: 'ignore', cwd: folder });
  const atExit = () => server.kill('SIGKILL');
  process.once('exit', atExit);
  await eventually('Postgres to be ready', async () => isReady(programs, port, server));
  return {
    url: `postgres://trainyard@127.0.0.1:${port}/postgres`,
    dataFolder,
    stop: async () => {
      process.off('exit', atExit);
      const exited = once(server, 'exit');
      // Ends the sessions that are still there.
      server.kill('SIGINT');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Postgres refuses to run as root. */
async function ownedByPostgres(folder: string): Promise<{ uid: number; gid: number }> {
  const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  const owner = { uid: idOf('-u'), gid: idOf('-g') };
  await chown(folder, owner.uid, owner.gid);
  return owner;
}

function isReady(programs: string, port: number, server: ChildProcess): boolean {
  if (server.exitCode !== null) throw new Error(`Postgres ended with code ${server.exitCode}`);
  try {
    execFileSync(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
