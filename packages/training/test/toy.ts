import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCheckpoint } from '@trainyard/artifacts';
import {
  completeJobSpecSchema,
  type Dataset,
  type JobSpecInput,
  type TrainerMessage,
  type TrainerTest,
} from '@trainyard/contracts';
import { type LabelledImages, writePacked } from '@trainyard/datasets';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import type { Executor } from '@trainyard/program';
import { randomWords, toUnit } from '@trainyard/program';
import { onTestFinished } from 'vitest';
import { TrainingSignal, type TrainOptions, train } from '../src/index.js';

/** A tiny, learnable problem: 8x8 grey noise in which each of three classes has one row of bright pixels. */
const classes = ['top', 'middle', 'bottom'];
const imageShape: [number, number, number] = [8, 8, 1];
const noise = 0.6;

export function toyImages(count: number, seed: number): LabelledImages {
  const pixels = randomWords(count * 64, seed, 1, 0);
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes.length);
  const images = Uint8Array.from(pixels, (word, i) => {
    const row = Math.floor((i % 64) / 8);
    const bright = row === 1 + 2 * (labels[Math.floor(i / 64)] as number);
    return 255 * (noise * toUnit(word) + (bright ? 1 - noise : 0));
  });
  return { images, labels };
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-training-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Toy {
  folder: string;
  dataset: Dataset;
  datasetFile: string;
}

/** Packs the toy set; its folder is removed when the test ends. Classes after the third have no images. */
export async function packToy(trainImages = 75, testImages = 30, names = classes): Promise<Toy> {
  const folder = await temporaryFolder();
  const datasetFile = join(folder, 'toy.packed');
  const dataset = await writePacked(datasetFile, {
    name: 'toy',
    version: 1,
    classes: names,
    imageShape,
    source: 'generated',
    train: toyImages(trainImages, 7),
    test: toyImages(testImages, 8),
  });
  return { folder, dataset, datasetFile };
}

/** A small network with each kind of state: batch norm's statistics, dropout's draws, an augmentation. */
export const toyLayers: JobSpecInput['architecture'] = {
  layers: [
    { type: 'conv2d', filters: 4, padding: 'same' },
    { type: 'batchNorm' },
    { type: 'activation' },
    { type: 'maxPool' },
    { type: 'flatten' },
    { type: 'dropout', rate: 0.1 },
    { type: 'dense', units: 3 },
  ],
};

/** The features of the record recipes on a small network: every field whose value changes by step or epoch. */
export const recordRecipe: Partial<JobSpecInput> = {
  architecture: {
    layers: [
      { type: 'conv2d', filters: 8, kernel: 2, initializer: 'whitening', kernelEpochs: 0, biasEpochs: 1 },
      { type: 'activation', kind: 'gelu' },
      { type: 'conv2d', filters: 10, padding: 'same', bias: false, initializer: 'dirac' },
      { type: 'maxPool' },
      { type: 'batchNorm', momentum: 0.4, epsilon: 1e-12, scale: false },
      { type: 'activation', kind: 'gelu' },
      { type: 'flatten' },
      { type: 'dense', units: 3, bias: false },
      { type: 'scale', factor: 1 / 9 },
    ],
  },
  optimizer: {
    type: 'sgd',
    momentum: 0.85,
    nesterov: true,
    weightDecay: 1e-3,
    groups: [{ match: 'beta', learningRateFactor: 8, weightDecay: 1e-5 }],
  },
  schedule: 'triangular',
  loss: { labelSmoothing: 0.2 },
  augmentation: { flip: 'alternating', translate: 1, border: 'reflect', cutout: 2 },
  testAugmentation: 'mirrorTranslate',
  lookahead: { every: 3 },
  normalization: 'dataset',
};

/** Augmentation for photographs on the small network. */
export const photoRecipe: Partial<JobSpecInput> = {
  augmentation: {
    resizedCrop: {},
    colorJitter: { brightness: 0.2, contrast: 0.2 },
    flip: true,
    translate: 1,
    mixup: {},
    cutmix: {},
  },
};

export const toySpec = (changes: Partial<JobSpecInput> = {}) =>
  completeJobSpecSchema.parse({
    dataset: 'toy',
    architecture: toyLayers,
    learningRate: 0.1,
    batchSize: 8,
    epochs: 3,
    seed: 1,
    ...changes,
  });

export interface TrainedToy {
  messages: TrainerMessage[];
  last: TrainerMessage;
}

/** Trains the toy set and collects the messages. `watch` is called with each, and may use the signal. */
export async function trainToy(
  toy: Toy,
  changes: Partial<JobSpecInput> = {},
  options: Partial<TrainOptions> & {
    watch?: (message: TrainerMessage, signal: TrainingSignal) => void | Promise<void>;
  } = {},
): Promise<TrainedToy> {
  const messages: TrainerMessage[] = [];
  const signal = new TrainingSignal();
  const { watch, ...rest } = options;
  await train({
    jobId: 'job_toy',
    attempt: 1,
    spec: toySpec(changes),
    dataset: toy.dataset,
    datasetFile: toy.datasetFile,
    resumeFrom: null,
    bestSoFar: null,
    stagingFolder: await temporaryFolder(),
    executor: rest.executor ?? (await openTfjsExecutor({ backend: 'cpu' })),
    signal,
    emit(message) {
      messages.push(message);
      return watch?.(message, rest.signal ?? signal);
    },
    ...rest,
  });
  return { messages, last: messages.at(-1) as TrainerMessage };
}

/** All messages of one type. */
export function messagesOf<T extends TrainerMessage['type']>(messages: TrainerMessage[], type: T) {
  return messages.filter((message): message is Extract<TrainerMessage, { type: T }> => message.type === type);
}

export const epochsOf = ({ messages }: TrainedToy) => messagesOf(messages, 'epoch');

export function resultsOf({ last }: TrainedToy): TrainerTest {
  if (last.type !== 'tested') throw new Error(`the training ended with ${JSON.stringify(last)}`);
  return last.results;
}

/** Folder of the best epoch's checkpoint. */
export const bestFolder = (trained: TrainedToy) =>
  epochsOf(trained)
    .filter(({ metrics }) => metrics.best)
    .at(-1)?.checkpoint?.folder ?? null;

export const withoutSeconds = (trained: TrainedToy) => ({ ...resultsOf(trained), seconds: 0 });

/** The metrics of all epochs of all attempts, without the times, which differ from run to run. */
export function curves(...attempts: TrainedToy[]) {
  return attempts.flatMap(epochsOf).map(({ metrics }) => ({
    ...metrics,
    trainSeconds: 0,
    validationSeconds: 0,
    imagesPerSecond: 0,
    stepMilliseconds: 0,
  }));
}

/** SHA-256 of the weights and of the whole state of each epoch's checkpoint, by epoch. */
export async function digestsOf(trained: TrainedToy): Promise<Map<number, string>> {
  const digests = new Map<number, string>();
  for (const { checkpoint } of epochsOf(trained)) {
    if (checkpoint) digests.set(checkpoint.manifest.cursor.epoch, await stateDigest(checkpoint.folder));
  }
  return digests;
}

async function stateDigest(folder: string): Promise<string> {
  const { weights, state } = await readCheckpoint(folder);
  const hash = createHash('sha256');
  for (const { name, data } of [...weights, ...state]) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/** An executor that calls `onRun` before every run, with the number of steps and the feeds. */
export function watched(
  executor: Executor,
  onRun: (program: string, steps: number, feeds: Record<string, ArrayLike<number>>) => void,
): Executor {
  return {
    info: executor.info,
    async openSession() {
      const session = await executor.openSession();
      const load: typeof session.load = async (program) => {
        const loaded = await session.load(program);
        return {
          program,
          transientBytes: loaded.transientBytes,
          scratchBytes: loaded.scratchBytes,
          run(steps, feeds, signal) {
            onRun(program.name, steps, feeds);
            return loaded.run(steps, feeds, signal);
          },
        };
      };
      return {
        load,
        write: session.write.bind(session),
        writeFromFile: session.writeFromFile.bind(session),
        read: session.read.bind(session),
        close: session.close.bind(session),
      };
    },
  };
}
