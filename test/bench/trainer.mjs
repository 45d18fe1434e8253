/** A trainer process as a worker starts one, watched from outside. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkSpec } from '../../packages/architectures/dist/index.js';
import { openPacked } from '../../packages/datasets/dist/index.js';
import { openNativeExecutor } from '../../packages/executor-native/dist/index.js';
import { expectedMemory } from '../../packages/training/dist/index.js';
import { UsageError } from './sides.mjs';

const entry = fileURLToPath(new URL('../../apps/worker/dist/trainer/main.js', import.meta.url));

/** The last that the process does is to say how much it used. */
const tellPeak = `data:text/javascript,import { readFileSync } from 'node:fs';
process.on('exit', () => process.stderr.write(readFileSync('/proc/self/status')));`;

/** Bytes from a line of /proc/<pid>/status, e.g. `VmRSS`. */
const field = (status, name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;

/**
 * Trains a spec to its tested end.
 * @returns what was told before, bytes at the peak and at the end of every epoch, seconds of training of every epoch
 */
export async function trainInProcess(input, datasetFile, threads) {
  const { dataset } = await openPacked(datasetFile);
  const { spec, model, faults } = checkSpec({ ...input, dataset: { ...input.dataset, name: dataset.name } }, dataset);
  if (!spec) throw new UsageError(faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('\n'));
  const told = await expectedMemory(await openNativeExecutor({ threads }), { spec, model, dataset });
  const stagingFolder = await mkdtemp(join(tmpdir(), 'trainyard-staging-'));
  try {
    const start = { type: 'start', jobId: 'bench', attempt: 1, spec, dataset, datasetFile, stagingFolder };
    const watched = await watch(
      { ...start, resumeFrom: null, bestSoFar: null, executor: 'native', device: 'cpu' },
      threads,
    );
    return { spec, told, ...watched };
  } finally {
    await rm(stagingFolder, { recursive: true, force: true });
  }
}

async function watch(start, threads) {
  const child = fork(entry, [String(threads)], {
    execArgv: ['--import', tellPeak],
    env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  let [epochBytes, epochSeconds, last] = [[], [], null];
  child.on('message', (message) => {
    last = message;
    if (child.connected) child.send({ type: 'handled' }, () => {});
    if (message.type !== 'epoch') return;
    epochBytes.push(field(readFileSync(`/proc/${child.pid}/status`, 'utf8'), 'VmRSS'));
    epochSeconds.push(message.metrics.trainSeconds);
    // The worker moves it into the artifact store.
    if (message.checkpoint) void rm(message.checkpoint.folder, { recursive: true });
  });
  child.send(start);
  await once(child, 'close');
  if (last?.type !== 'tested') throw new UsageError(`the trainer ended with ${JSON.stringify(last)}\n${errors}`);
  return { peakBytes: field(errors, 'VmHWM'), epochBytes, epochSeconds };
}
