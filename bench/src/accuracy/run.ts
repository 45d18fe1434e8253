import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { EpochMetrics, JobSpec, JobSpecInput } from '@trainyard/contracts';
import { scriptPath } from '../shared/children.js';
import { UsageError } from '../shared/usage.js';

/** What trainSpec.ts prints, a JSON object a line. */
export interface TrainSpecLine {
  /** First. */
  start?: RunStart;
  /** After each epoch. */
  epoch?: RunEpoch;
  /** Last: the weights that the recipe ends with, tested as the service tests them. */
  end?: RunEnd;
}

export interface RunStart {
  executor: string;
  device: string;
  threads: number | null;
  version: string;
  parameters: number;
  dataset: string;
  digest: string;
  spec: JobSpec;
}

type Scores = Pick<EpochMetrics, 'trainLoss' | 'trainAccuracy' | 'validationLoss' | 'validationAccuracy'>;

export interface RunEpoch extends Scores {
  epoch: number;
  /** Of training so far; validation, tests and checkpoints do not count. */
  seconds: number;
  /** With the test augmentation of the recipe, as records are counted. */
  testAccuracy: number;
  imagesPerSecond: number;
  best: boolean;
}

export interface RunEnd {
  epoch: number;
  testLoss: number;
  testAccuracy: number;
}

export interface Run {
  recipe: string;
  seed: number;
  start: RunStart;
  epochs: RunEpoch[];
  end: RunEnd;
  /** Of training, in all. */
  seconds: number;
  /** Seconds of training at the end of the first epoch that reached each target; null when none did. */
  secondsTo: Record<number, number | null>;
}

interface RunOptions {
  name: string;
  spec: JobSpecInput & { seed: number };
  datasetFile: string;
  /** Accuracies in percent. */
  targets: number[];
  executor: string;
  device: string;
  threads: number;
}

/** Trains a spec in a process of its own. @throws UsageError when that fails; the process has printed why. */
export async function trainInChild(options: RunOptions): Promise<Run> {
  const { name, spec, datasetFile, targets, executor, device, threads } = options;
  const script = scriptPath('trainSpec.js', import.meta.url);
  const input = ['--spec', JSON.stringify(spec), '--dataset', datasetFile];
  const place = ['--executor', executor, '--device', device, '--threads', String(threads)];
  const child = spawn(process.execPath, [script, ...input, ...place], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  let [start, end]: [RunStart?, RunEnd?] = [];
  const epochs: RunEpoch[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const message: TrainSpecLine = JSON.parse(line);
    start ??= message.start;
    end ??= message.end;
    if (!message.epoch) continue;
    epochs.push(message.epoch);
    printEpoch(`${name}, seed ${spec.seed}`, message.epoch, start?.spec.epochs);
  }
  const code = await exited;
  if (code !== 0 || !start || !end) throw new UsageError(`${name}, seed ${spec.seed}: the run ended with ${code}`);
  const seconds = epochs.at(-1)?.seconds ?? 0;
  return { recipe: name, seed: spec.seed, start, epochs, end, seconds, secondsTo: secondsTo(targets, epochs) };
}

function printEpoch(title: string, { epoch, testAccuracy, seconds }: RunEpoch, epochs: number | undefined): void {
  const test = (100 * testAccuracy).toFixed(2);
  process.stderr.write(`${title}: epoch ${epoch}/${epochs}  test ${test} %  ${seconds.toFixed(1)} s\n`);
}

function secondsTo(targets: number[], epochs: RunEpoch[]): Record<number, number | null> {
  const reached = (target: number) => epochs.find(({ testAccuracy }) => 100 * testAccuracy >= target)?.seconds ?? null;
  return Object.fromEntries(targets.map((target) => [target, reached(target)]));
}
