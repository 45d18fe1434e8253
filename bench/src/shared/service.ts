import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Config, loadConfig } from '@trainyard/config';
import { writePacked } from '@trainyard/datasets';
import { type Stack, startStack } from '@trainyard/embedded';

/** The stack of `trainyard up` in a temporary home. */
export interface Service extends Stack {
  apiKey: string;
  config: Config;
  databaseUrl: string;
}

/** Starts the API and the embedded Postgres with its usual settings (it syncs to disk), and perhaps a worker. */
export async function startService({ worker }: { worker: boolean }): Promise<Service> {
  const home = mkdtempSync(path.join(tmpdir(), 'trainyard-bench-'));
  // When root runs this, Postgres runs as another user, who must be able to reach its data below this folder.
  chmodSync(home, 0o711);
  Object.assign(process.env, {
    TRAINYARD_HOME: home,
    TRAINYARD_PORT: '0',
    // High, not off: the cost of counting belongs to the measurement.
    TRAINYARD_REQUESTS_PER_MINUTE: '1000000000',
    TRAINYARD_QUEUED_JOBS: '1000000000',
  });
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'ARTIFACTS_URL']) delete process.env[name];
  await addTinyDataset(path.join(home, 'datasets'));
  const config = loadConfig();
  const entries = {
    api: import.meta.resolve('@trainyard/api/server'),
    worker: worker ? import.meta.resolve('@trainyard/worker/main') : null,
  };
  const stack = await startStack({ settings: config, entries, print: console.error });
  if (stack.apiKey === null) throw new Error('a new database has no admin key');
  const stop = async () => {
    await stack.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { ...stack, apiKey: stack.apiKey, config, databaseUrl: databaseUrlOf(config.folders.postgres), stop };
}

/** A dataset that every service of the benchmarks has. */
export const tinyDataset = 'tiny';

/** Three hundred grey images: the smallest set that a network trains on. */
async function addTinyDataset(datasets: string): Promise<void> {
  const split = (count: number) => ({
    images: new Uint8Array(count * 32 * 32 * 3).fill(128),
    labels: Int32Array.from({ length: count }, (_, i) => i % 10),
  });
  mkdirSync(path.join(datasets, tinyDataset), { recursive: true });
  await writePacked(path.join(datasets, tinyDataset, '1.packed'), {
    name: tinyDataset,
    version: 1,
    imageShape: [32, 32, 3],
    source: 'generated',
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    train: split(200),
    test: split(100),
  });
}

function databaseUrlOf(folder: string): string {
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8').trim();
  return `postgresql://trainyard:${read('password')}@127.0.0.1:${read('port')}/postgres`;
}

/** `fetch` with the service's key. */
export const fetchFrom = (
  { url, apiKey }: Pick<Service, 'url' | 'apiKey'>,
  path: string,
  { headers, ...options }: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> =>
  fetch(`${url}${path}`, { ...options, headers: { authorization: `Bearer ${apiKey}`, ...headers } });
