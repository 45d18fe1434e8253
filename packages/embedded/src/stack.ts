import { mkdir, readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import path from 'node:path';
import { listenFault } from '@trainyard/contracts';
import type { FileLock } from '@trainyard/process';
import { createHome, folderFault } from './homeFolder.js';
import { lockHome } from './homeLock.js';
import { keepTrimmed } from './logFile.js';
import { anyPort, tryPort } from './ports.js';
import { dataFolder, prepareCluster } from './postgres/cluster.js';
import { withoutLibpq } from './postgres/environment.js';
import { clusterUrl, startServer, stopServer } from './postgres/server.js';
import { serviceProcess } from './service.js';
import { SupervisedProcess } from './supervisedProcess.js';

/** Everything on one machine: Postgres (unless the settings name one), the API, one worker. */
export interface Stack {
  url: string;
  /** Null when the database has keys but this home has no credentials file. */
  apiKey: string | null;
  /** Current process ids of `postgres`, `api` and `worker`; null while a process is down. */
  pids(): Record<string, number | null>;
  /** Stops all in order: the worker, which hands its job back; the API; Postgres. */
  stop(): Promise<void>;
}

/** The part of the configuration that the stack needs. */
export interface StackSettings {
  home: string;
  host: string;
  /** 0: any free port. */
  port: number;
  /** Null: the stack runs a Postgres of its own. */
  databaseUrl: string | null;
  /** Where users reach the service, behind a proxy; null: at its own address. */
  publicUrl: string | null;
  /** Null: the key is in `credentialsFile`. */
  apiKey: string | null;
  credentialsFile: string;
  folders: { logs: string; datasets: string; artifacts: string; postgres: string };
}

/** `file:` URLs of the scripts to run, e.g. `import.meta.resolve('@trainyard/api/server')`. */
export interface StackEntries {
  api: string;
  /** Null: no worker is started. */
  worker: string | null;
}

export interface StackOptions {
  settings: StackSettings;
  entries: StackEntries;
  /** Receives lines for the user: changes to the machine, restarts of processes. */
  print: (line: string) => void;
  /** Runs when the home is reserved for this process, before anything is started. */
  prepare?: () => Promise<void>;
  /** Take another port when the one in the settings is in use. */
  anyPort?: boolean;
  /** Ends the start: what was started is stopped, and `startStack` throws. */
  signal?: AbortSignal;
}

/**
 * Starts the stack and resolves when the API answers. Each process inherits this process's environment.
 * @throws ConflictError when another process runs a stack on the same home; TrainyardError when the port is in use or
 *   a process does not start.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { home, folders } = options.settings;
  await createHome(home, folders.postgres);
  const lock = await lockHome(home, dataFolder(folders.postgres)).catch((error: unknown) => {
    throw folderFault(error, home) ?? error;
  });
  const running: SupervisedProcess[] = [];
  const endTrimming = keepTrimmed(['postgres', 'api', 'worker'].map((name) => logFileOf(folders.logs, name)));
  const stop = async () => {
    endTrimming();
    for (const process of running.splice(0).reverse()) await process.stop();
    await lock.release();
  };
  try {
    for (const folder of [folders.logs, folders.datasets, folders.artifacts]) await mkdir(folder, { recursive: true });
    await options.prepare?.();
    options.signal?.throwIfAborted();
    const pids = () => Object.fromEntries(running.map(({ name, pid }) => [name, pid]));
    return { ...(await startAll(options, lock, running)), pids, stop };
  } catch (error) {
    await stop();
    throw folderFault(error, home) ?? error;
  }
}

const logFileOf = (folder: string, name: string): string => path.join(folder, `${name}.log`);

/** Starts each process after those that it needs, and adds it to `running`; they are stopped in reverse order. */
async function startAll(options: StackOptions, lock: FileLock, running: SupervisedProcess[]) {
  const { settings, entries, print, signal } = options;
  const databaseUrl = settings.databaseUrl ?? (await startDatabase(options, lock, running));
  const port = await freePort(settings, options.anyPort ?? false);
  const env = {
    ...(settings.databaseUrl === null ? withoutLibpq(process.env) : process.env),
    DATABASE_URL: databaseUrl,
    DATABASE_URL_FILE: '',
    TRAINYARD_HOME: settings.home,
    TRAINYARD_HOST: settings.host,
    TRAINYARD_PORT: String(port),
  };
  for (const name of ['api', 'worker'] as const) {
    const entry = entries[name];
    if (entry === null) continue;
    const logFile = logFileOf(settings.folders.logs, name);
    signal?.throwIfAborted();
    running.push(await SupervisedProcess.start(serviceProcess({ name, entry, env, logFile, signal }), print));
  }
  const url = `http://${hostInUrl(settings.host)}:${port}`;
  return { url, apiKey: settings.apiKey ?? (await storedKey(settings.credentialsFile)) };
}

async function startDatabase(
  { settings, print }: StackOptions,
  lock: FileLock,
  running: SupervisedProcess[],
): Promise<string> {
  const cluster = await prepareCluster(settings.folders.postgres, lock.inheritable(), print);
  const logFile = logFileOf(settings.folders.logs, 'postgres');
  const start = () => startServer(cluster, logFile);
  running.push(await SupervisedProcess.start({ name: 'postgres', start, stop: stopServer }, print));
  return clusterUrl(cluster);
}

/** Where this machine reaches a server that listens on `host`. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return isIPv6(host) ? `[${host}]` : host;
}

async function freePort({ port, host }: StackSettings, orAny: boolean): Promise<number> {
  if (port === 0) return anyPort();
  try {
    await tryPort(port, host);
    return port;
  } catch (error) {
    const fault = listenFault(error, { host, port });
    if (orAny && fault?.setting === 'TRAINYARD_PORT') return anyPort();
    throw fault ?? error;
  }
}

/** The key that the API created at its first start; null when there is no credentials file. */
async function storedKey(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const credentials: unknown = JSON.parse(text);
  const hasKey = typeof credentials === 'object' && credentials !== null && 'apiKey' in credentials;
  return hasKey && typeof credentials.apiKey === 'string' ? credentials.apiKey : null;
}
