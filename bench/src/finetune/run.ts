import { createHash } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { headWeights } from '@trainyard/architectures';
import { readCheckpoint } from '@trainyard/artifacts';
import type { JobSpecInput, StagedCheckpoint, TrainerMessage } from '@trainyard/contracts';
import { openPacked } from '@trainyard/datasets';
import { TrainingSignal, train } from '@trainyard/training';
import { openExecutor } from '../shared/executors.js';
import { checkedSpec } from '../shared/specs.js';

export interface Figures {
  epochs: number;
  /** On all test images. */
  accuracy: number;
  /** Of training alone. */
  seconds: number;
  /** `n of m`: how many weights have the digest that they have in the source; null: there is none. */
  unchanged: string | null;
}

export interface Run {
  figures: Figures;
  /** The last checkpoint. */
  staged: StagedCheckpoint;
  /** Name of the last layer with a kernel. */
  head: string;
}

interface Place {
  datasetFile: string;
  folder: string;
  threads: number;
  /** The run whose last weights this one starts from, with a new head. */
  source?: Run | false;
}

/** Trains a spec in this process, without the service. @throws Error when it fails */
export async function trainOnce(input: JobSpecInput, { datasetFile, folder, threads, source }: Place): Promise<Run> {
  const { dataset } = await openPacked(datasetFile);
  const { spec, model } = checkedSpec({ ...input, checkpoint: { metric: 'epoch', everySeconds: null } }, dataset);
  const fromSeed = headWeights(model);
  const head = fromSeed[0]?.split('/')[0] ?? '';
  const messages: TrainerMessage[] = [];
  await train({
    jobId: 'bench',
    attempt: 1,
    spec,
    dataset,
    datasetFile,
    stagingFolder: await mkdtemp(join(folder, 'run-')),
    resumeFrom: null,
    bestSoFar: null,
    initialWeights: source ? { ...storedOf(source.staged), fromSeed } : null,
    executor: await openExecutor('native', { device: 'cpu', precision: spec.precision, threads }),
    signal: new TrainingSignal(),
    emit: (message) => void messages.push(message),
  });
  const last = messages.at(-1);
  if (last?.type !== 'tested') throw new Error(`the training ended with ${JSON.stringify(last)}`);
  const epochs = messages.filter((message) => message.type === 'epoch');
  const staged = epochs.at(-1)?.checkpoint;
  if (!staged) throw new Error('the last epoch has no checkpoint');
  const figures = {
    epochs: epochs.length,
    accuracy: last.results.accuracy,
    seconds: epochs.reduce((sum, { metrics }) => sum + metrics.trainSeconds, 0),
    unchanged: source ? await unchangedWeights(source.staged, staged) : null,
  };
  return { figures, staged, head };
}

const storedOf = ({ folder, manifest }: StagedCheckpoint) => ({
  jobId: 'bench',
  epoch: manifest.cursor.epoch,
  upload: null,
  file: null,
  folder,
  weightsSha256: manifest.files.find(({ name }) => name === 'weights.bin')?.sha256 ?? '',
});

async function unchangedWeights(before: StagedCheckpoint, after: StagedCheckpoint): Promise<string> {
  const [old, found] = [await digestsOf(before), await digestsOf(after)];
  const same = [...found].filter(([name, digest]) => old.get(name) === digest);
  return `${same.length}/${found.size}`;
}

async function digestsOf({ folder }: StagedCheckpoint): Promise<Map<string, string>> {
  const { weights } = await readCheckpoint(folder);
  return new Map(
    weights.map(({ name, data }) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return [name, createHash('sha256').update(bytes).digest('hex')];
    }),
  );
}
