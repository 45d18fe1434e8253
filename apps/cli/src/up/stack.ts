import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, open, readFile, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '@trainyard/config';
import { TrainyardError } from '@trainyard/contracts';
import { lockHome } from './lock.js';
import { anyPort, isFree } from './ports.js';
import { prepareCluster } from './postgres/cluster.js';
import { clusterUrl, servePostgres, stopPostgres } from './postgres/server.js';
import { endProcess } from './processes.js';
import { type Recipe, Supervised } from './supervised.js';

const readySeconds = 60;
/** A worker hands its job back within 15 s; then it is hung. */
const stopSeconds = 20;
const largestLog = 64 * 2 ** 20;

/** Everything on one machine: Postgres (unless the configuration names one), the API, one worker. */
export interface Stack {
  url: string;
  /** Null where the database has keys and this home has none of them. */
  apiKey: string | null;
  /** Process ids at the moment, by name: `postgres`, `api`, `worker`. */
  pids(): Record<string, number | null>;
  /** Stops all in order: the worker, which hands its job back; the API; Postgres. */
  stop(): Promise<void>;
}

export interface StackOptions {
  config: Config;
  /** Gets a line for people when something happens that they should know. */
  say: (line: string) => void;
  /** Take another port where the configured one is in use. */
  anyPort?: boolean;
  /** Whether to start a worker, which is so unless told otherwise. */
  worker?: boolean;
}

/**
 * Starts the stack and resolves when the API answers.
 * @throws ConflictError when another process works on the same home; TrainyardError when the port is taken.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { home, folders } = options.config;
  await makeHome(home);
  const unlock = await lockHome(home);
  const running: Supervised[] = [];
  const stop = async () => {
    for (const process of running.splice(0).reverse()) await process.stop();
    await unlock();
  };
  try {
    for (const folder of [folders.logs, folders.datasets, folders.artifacts]) await mkdir(folder, { recursive: true });
    const pids = () => Object.fromEntries(running.map(({ name, pid }) => [name, pid]));
    return { ...(await startAll(options, running)), pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Started in the order in which each needs the one before; stopped the other way round. */
async function startAll({ config, say, ...options }: StackOptions, running: Supervised[]) {
  const databaseUrl = config.databaseUrl ?? (await startDatabase(config, say, running));
  const port = await freePort(config, options.anyPort ?? false);
  // The environment is handed on as it is, but for what was decided here.
  const env = { ...process.env, DATABASE_URL: databaseUrl, TRAINYARD_HOME: config.home, TRAINYARD_PORT: String(port) };
  const service = (name: string, entry: string) => serviceRecipe(name, entry, env, config.folders.logs);
  running.push(await Supervised.start(service('api', entryOf('@trainyard/api/server')), say));
  if (options.worker ?? true)
    running.push(await Supervised.start(service('worker', entryOf('@trainyard/worker/main')), say));
  const url = `http://${config.host === '0.0.0.0' ? '127.0.0.1' : config.host}:${port}`;
  return { url, apiKey: config.apiKey ?? (await storedKey(config.credentialsFile)) };
}

async function startDatabase(config: Config, say: (line: string) => void, running: Supervised[]): Promise<string> {
  const cluster = await prepareCluster(config.folders.postgres, say);
  const logFile = path.join(config.folders.logs, 'postgres.log');
  await keepSmall(logFile);
  const start = () => servePostgres(cluster, logFile);
  running.push(await Supervised.start({ name: 'postgres', start, stop: stopPostgres }, say));
  return clusterUrl(cluster);
}

function serviceRecipe(name: string, entry: string, env: NodeJS.ProcessEnv, logs: string): Recipe {
  const logFile = path.join(logs, `${name}.log`);
  const stop = (child: ChildProcess) => endProcess(child, 'SIGTERM', stopSeconds);
  return {
    name,
    stop,
    async start() {
      await keepSmall(logFile);
      const log = await open(logFile, 'a');
      const begin = (await log.stat()).size;
      // Out of the terminal's process group, so that Ctrl-C ends them in order; the channel tells them when this process dies.
      const child = fork(entry, { env, detached: true, stdio: ['ignore', log.fd, log.fd, 'ipc'] });
      await log.close();
      if (await saysReady(child)) return child;
      await stop(child);
      const said = (await readFile(logFile)).subarray(begin).toString().slice(-2000);
      throw new TrainyardError('unavailable', `the ${name} did not start; its log ${logFile} says:\n${said}`);
    },
  };
}

/** Whether a service sends its first message, which it does when it is at work. */
async function saysReady(child: ChildProcess): Promise<boolean> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(readySeconds * 1000)]);
  const ready = once(child, 'message', { signal }).then(() => true);
  const ended = once(child, 'exit', { signal }).then(() => false);
  const answer = await Promise.race([ready, ended]).catch(() => false);
  over.abort();
  await Promise.allSettled([ready, ended]);
  return answer;
}

/** The script of a service's process. */
const entryOf = (exported: string): string => fileURLToPath(import.meta.resolve(exported));

async function freePort({ port, host }: Config, anyPortWillDo: boolean): Promise<number> {
  if (port === 0) return anyPort();
  if (await isFree(port, host)) return port;
  if (anyPortWillDo) return anyPort();
  throw new TrainyardError('conflict', `port ${port} is in use by another program; set TRAINYARD_PORT to a free one`);
}

/** The key that the API made at its first start; null where the database had keys before this home. */
async function storedKey(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text && (JSON.parse(text) as { apiKey: string }).apiKey;
}

/** Keys and passwords lie here: the owner's alone. Root's Postgres, which is another user, has to pass through. */
async function makeHome(home: string): Promise<void> {
  const made = await mkdir(home, { recursive: true });
  if (made !== undefined) await chmod(home, process.getuid?.() === 0 ? 0o711 : 0o700);
}

/** A log that has grown too large begins anew. */
async function keepSmall(file: string): Promise<void> {
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  if (size > largestLog) await truncate(file);
}
