import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '@trainyard/config';
import { writePacked } from '@trainyard/datasets';
import { startStack } from '@trainyard/embedded';

/** The stack of `trainyard up` in a temporary home: embedded Postgres, as it is delivered (it syncs to disk), and the API. */
export async function startService({ worker }) {
  const home = mkdtempSync(path.join(tmpdir(), 'trainyard-bench-'));
  // Root's Postgres runs as another user, who has to pass through.
  chmodSync(home, 0o711);
  Object.assign(process.env, {
    TRAINYARD_HOME: home,
    TRAINYARD_PORT: '0',
    // High, not off: what it costs to count belongs to the measurement.
    TRAINYARD_REQUESTS_PER_MINUTE: '1000000000',
    TRAINYARD_QUEUED_JOBS: '1000000000',
  });
  for (const name of ['DATABASE_URL', 'REDIS_URL', 'ARTIFACTS_URL']) delete process.env[name];
  await addDataset(path.join(home, 'datasets'));
  const config = loadConfig();
  const entries = {
    api: import.meta.resolve('@trainyard/api/server'),
    worker: worker === false ? null : import.meta.resolve('@trainyard/worker/main'),
  };
  const stack = await startStack({ settings: config, entries, print: console.error });
  const databaseUrl = databaseUrlOf(config.folders.postgres);
  const stop = async () => {
    await stack.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { ...stack, config, databaseUrl, stop };
}

export const datasetName = 'tiny';

/** Two hundred grey images: the smallest set that a network trains on. */
async function addDataset(datasets) {
  const split = (count) => ({
    images: new Uint8Array(count * 32 * 32 * 3).fill(128),
    labels: Int32Array.from({ length: count }, (_, i) => i % 10),
  });
  mkdirSync(path.join(datasets, datasetName), { recursive: true });
  await writePacked(path.join(datasets, datasetName, '1.packed'), {
    ...{ name: datasetName, version: 1, imageShape: [32, 32, 3], source: 'generated' },
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    ...{ train: split(200), test: split(100) },
  });
}

function databaseUrlOf(folder) {
  const read = (name) => readFileSync(path.join(folder, name), 'utf8').trim();
  return `postgresql://trainyard:${read('password')}@127.0.0.1:${read('port')}/postgres`;
}

/** Resident set in MB; null where /proc does not tell. */
export function residentMb(pid) {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}

/** Seconds of processor time that a process has used, with its children that have ended; null where /proc does not tell. */
function processorSeconds(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const after = stat.slice(stat.lastIndexOf(')') + 2);
    return after
      .split(' ')
      .slice(11, 15)
      .reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
  } catch {
    return null;
  }
}

/** As `processorSeconds`, of the API, and of Postgres with all its processes. */
export function processorUse({ api, postgres }) {
  const all = [postgres, ...childrenOf(postgres)];
  return { api: processorSeconds(api), postgres: all.reduce((sum, pid) => sum + processorSeconds(pid), 0) };
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  } catch {
    return [];
  }
}
