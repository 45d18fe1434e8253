/** A trainer process, started as a worker starts one, and its memory seen from outside. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JobSpec, JobSpecInput, StartCommand, TrainerMessage } from '@trainyard/contracts';
import { openPacked } from '@trainyard/datasets';
import { openNativeExecutor } from '@trainyard/executor-native';
import { expectedMemory } from '@trainyard/training';
import { residentBytes, statusBytes } from '../shared/processes.js';
import { checkedSpec } from '../shared/specs.js';
import { UsageError } from '../shared/usage.js';

const trainerScript = fileURLToPath(import.meta.resolve('@trainyard/worker/trainer'));

/** Loaded into the trainer: the last thing that the process writes is its memory use. */
const writeStatusOnExit = `data:text/javascript,import { readFileSync } from 'node:fs';
process.on('exit', () => process.stderr.write(readFileSync('/proc/self/status')));`;

interface Memory {
  /** The largest resident memory of the process. */
  peakBytes: number;
  /** Resident memory at the end of every epoch. */
  epochBytes: number[];
  /** Seconds of training of every epoch. */
  epochSeconds: number[];
}

export interface MeasuredTraining extends Memory {
  spec: JobSpec;
  /** What a dry run of the job would return. */
  expected: NonNullable<Awaited<ReturnType<typeof expectedMemory>>>;
}

/** Trains a spec to its end, test included. @throws UsageError when the spec is refused or the training fails. */
export async function trainInProcess(
  input: JobSpecInput,
  datasetFile: string,
  threads: number,
): Promise<MeasuredTraining> {
  const { dataset } = await openPacked(datasetFile);
  const { spec, model } = checkedSpec(input, dataset);
  const expected = await expectedMemory(await openNativeExecutor({ threads }), { spec, model, dataset });
  if (!expected) throw new UsageError('this machine refuses the memory that the training needs');
  const stagingFolder = await mkdtemp(join(tmpdir(), 'trainyard-staging-'));
  try {
    const start: StartCommand = {
      type: 'start',
      jobId: 'bench',
      attempt: 1,
      spec,
      dataset,
      datasetFile,
      stagingFolder,
      resumeFrom: null,
      bestSoFar: null,
      tests: null,
      initialWeights: null,
      limit: null,
      executor: 'native',
      device: 'cpu',
    };
    return { spec, expected, ...(await runTrainer(start, threads)) };
  } finally {
    await rm(stagingFolder, { recursive: true, force: true });
  }
}

async function runTrainer(start: StartCommand, threads: number): Promise<Memory> {
  const child = fork(trainerScript, [String(threads)], {
    execArgv: ['--import', writeStatusOnExit],
    env: { ...process.env, OMP_NUM_THREADS: String(threads) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const epochBytes: number[] = [];
  const epochSeconds: number[] = [];
  let last: TrainerMessage | undefined;
  child.on('message', (message: TrainerMessage) => {
    last = message;
    if (child.connected) child.send({ type: 'handled' }, () => {});
    if (message.type !== 'epoch') return;
    epochBytes.push(residentBytes(child.pid) ?? Number.NaN);
    epochSeconds.push(message.metrics.trainSeconds);
    // A worker would move the folder into the artifact store.
    if (message.checkpoint) void rm(message.checkpoint.folder, { recursive: true });
  });
  child.send(start);
  await once(child, 'close');
  if (last?.type !== 'tested') throw new UsageError(`the trainer ended with ${JSON.stringify(last)}\n${errors}`);
  return { peakBytes: statusBytes(errors, 'VmHWM'), epochBytes, epochSeconds };
}
