/**
 * Trains one spec in this process, without the service, and tests the weights of every epoch on the whole test split.
 * Prints a JSON object a line (`TrainSpecLine`). Training pauses while a test runs, and reads nothing of it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readCheckpoint } from '@trainyard/artifacts';
import type { Dataset, JobSpec, JobSpecInput, TrainerMessage } from '@trainyard/contracts';
import { openPacked } from '@trainyard/datasets';
import { planTraining, TrainingSignal, testWeights, train } from '@trainyard/training';
import { type ExecutorName, openExecutor } from '../shared/executors.js';
import { checkedSpec } from '../shared/specs.js';
import { runCommand } from '../shared/usage.js';
import type { RunEpoch, TrainSpecLine } from './run.js';

const { values: options } = parseArgs({
  options: {
    /** A spec as JSON; its dataset's name becomes that of the file. */
    spec: { type: 'string', default: '{}' },
    /** A packed dataset. */
    dataset: { type: 'string', default: '' },
    executor: { type: 'string', default: 'native' },
    device: { type: 'string', default: 'cpu' },
    threads: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const { dataset } = await openPacked(options.dataset);
  const input: JobSpecInput = JSON.parse(options.spec);
  // The weights of every epoch are tested, so each gets a checkpoint; none is written within an epoch.
  const checkpoint = { ...input.checkpoint, every: 1, everySeconds: null };
  const { spec } = checkedSpec({ ...input, checkpoint }, dataset);
  await trainAndTest(spec, dataset);
}

async function trainAndTest(spec: JobSpec, dataset: Dataset): Promise<void> {
  const plan = await planTraining(spec, dataset, options.dataset);
  const executor = await openExecutor(options.executor as ExecutorName, {
    device: options.device,
    precision: spec.precision,
    threads: options.threads === undefined ? undefined : Number(options.threads),
  });
  const signal = new TrainingSignal();
  process.once('SIGINT', () => signal.requestCancel());
  const tester = new EpochTester({ executor, plan, signal, partial: false, predictions: false, onChunk: () => {} });
  const emit = async (message: TrainerMessage): Promise<void> => {
    if (message.type === 'epoch') print({ epoch: await tester.test(message) });
    else printOther(message, spec, dataset);
  };
  const stagingFolder = await mkdtemp(join(tmpdir(), 'trainyard-staging-'));
  try {
    await train({
      jobId: 'bench',
      attempt: 1,
      spec,
      dataset,
      datasetFile: options.dataset,
      stagingFolder,
      resumeFrom: null,
      bestSoFar: null,
      executor,
      signal,
      emit,
    });
  } finally {
    await rm(stagingFolder, { recursive: true, force: true });
  }
}

/** Tests the weights of every epoch, and adds up the seconds of training. */
class EpochTester {
  #seconds = 0;

  constructor(private readonly options: Omit<Parameters<typeof testWeights>[0], 'weights' | 'epoch'>) {}

  async test({ metrics, checkpoint }: Extract<TrainerMessage, { type: 'epoch' }>): Promise<RunEpoch> {
    const { epoch, trainSeconds } = metrics;
    if (!checkpoint) throw new Error(`epoch ${epoch} has no checkpoint`);
    this.#seconds += trainSeconds;
    const { weights } = await readCheckpoint(checkpoint.folder);
    await rm(checkpoint.folder, { recursive: true });
    const test = await testWeights({ ...this.options, weights, epoch });
    return {
      epoch,
      seconds: this.#seconds,
      trainLoss: metrics.trainLoss,
      trainAccuracy: metrics.trainAccuracy,
      validationLoss: metrics.validationLoss,
      validationAccuracy: metrics.validationAccuracy,
      testAccuracy: test.accuracyAugmented ?? test.accuracy,
      imagesPerSecond: metrics.imagesPerSecond,
      best: metrics.best,
    };
  }
}

/** @throws Error when the training has failed. */
function printOther(message: TrainerMessage, spec: JobSpec, dataset: Dataset): void {
  if (message.type === 'started') {
    const { name, device, threads, version } = message.executor;
    const { parameters } = message;
    const { digest } = dataset;
    print({ start: { executor: name, device, threads, version, parameters, dataset: dataset.name, digest, spec } });
  }
  if (message.type === 'tested') {
    const { epoch, loss, accuracy, accuracyAugmented } = message.results;
    print({ end: { epoch, testLoss: loss, testAccuracy: accuracyAugmented ?? accuracy } });
  }
  if (message.type === 'failed') throw new Error(`${message.failure.code}: ${message.failure.message}`);
}

function print(line: TrainSpecLine): void {
  console.log(JSON.stringify(line));
}

await runCommand(main);
