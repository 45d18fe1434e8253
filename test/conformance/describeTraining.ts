import { type Model, presets, resolveModel } from '@trainyard/architectures';
import {
  augmentationSchema,
  type JobSpec,
  type LayerInput,
  layerListSchema,
  lookaheadSchema,
  type Optimizer,
  optimizerSchema,
} from '@trainyard/contracts';
import { nativeAvailability, openNativeExecutor } from '@trainyard/executor-native';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import {
  buildEvaluateProgram,
  buildPredictProgram,
  buildTrainProgram,
  type Executor,
  elementCount,
  initialValues,
  type ParameterGroup,
  parameterGroups,
  type Session,
  type SlotData,
  slotNames,
} from '@trainyard/program';
import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { expectClose } from './compare.js';
import { Random } from './random.js';

interface Run {
  title: string;
  architecture: string | { layers: LayerInput[] };
  inputShape: [number, number, number];
  batchSize: number;
  steps: number;
  optimizer: Parameters<typeof optimizerSchema.parse>[0];
  learningRate: number;
  augmentation: z.input<typeof augmentationSchema>;
  testAugmentation: JobSpec['testAugmentation'];
  ema: boolean;
  lookahead: boolean;
}

const plain = {
  batchSize: 4,
  steps: 10,
  optimizer: 'sgd',
  learningRate: 0.01,
  augmentation: {},
  testAugmentation: 'none',
  ema: false,
  lookahead: false,
} as const;
const cifar: [number, number, number] = [32, 32, 3];

/** Every layer there is, in uneven sizes. */
const everyLayer: LayerInput[] = [
  { type: 'conv2d', filters: 5, kernel: 3, padding: 'same', stride: 2 },
  { type: 'batchNorm' },
  { type: 'activation', kind: 'leakyRelu', slope: 0.1 },
  {
    type: 'residual',
    layers: [
      { type: 'conv2d', filters: 5, kernel: 3, padding: 1, bias: false },
      { type: 'batchNorm' },
      { type: 'activation', kind: 'gelu' },
    ],
  },
  { type: 'maxPool', size: 3, stride: 2 },
  { type: 'spatialDropout', rate: 0.3 },
  { type: 'conv2d', filters: 9, kernel: [2, 3] },
  { type: 'activation', kind: 'tanh' },
  { type: 'avgPool', size: 2, stride: 1 },
  { type: 'conv2d', filters: 8, kernel: 1 },
  { type: 'activation', kind: 'sigmoid' },
  { type: 'globalAvgPool' },
  { type: 'dense', units: 12 },
  { type: 'activation', kind: 'relu' },
  { type: 'dropout', rate: 0.2 },
  { type: 'dense', units: 10 },
];

/** airbench94 (Jordan 2024) in small: all that its layers do. */
const recordLayers: LayerInput[] = [
  { type: 'conv2d', filters: 24, kernel: 2, initializer: 'whitening', kernelEpochs: 0, biasEpochs: 1 },
  { type: 'activation', kind: 'gelu' },
  { type: 'conv2d', filters: 28, kernel: 3, padding: 'same', bias: false, initializer: 'dirac' },
  { type: 'maxPool', size: 2 },
  { type: 'batchNorm', epsilon: 1e-12, momentum: 0.4, scale: false },
  { type: 'activation', kind: 'gelu' },
  { type: 'maxPool', size: 3 },
  { type: 'flatten' },
  { type: 'dense', units: 10, bias: false },
  { type: 'scale', factor: 1 / 9 },
];

/** The reference takes half a minute for two steps of vgg6, two images each: its ten steps are on small images. */
const runs: readonly Run[] = [
  { ...plain, title: 'lenet', architecture: 'lenet', inputShape: cifar },
  { ...plain, title: 'cnn3', architecture: 'cnn3', inputShape: cifar },
  { ...plain, title: 'vgg6 on 8x8 images', architecture: 'vgg6', inputShape: [8, 8, 3] },
  { ...plain, title: 'vgg6', architecture: 'vgg6', inputShape: cifar, batchSize: 2, steps: 2 },
  {
    ...plain,
    title: 'every layer, with nesterov momentum, augmentation and averages',
    architecture: { layers: everyLayer },
    inputShape: [21, 23, 3],
    batchSize: 5,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    augmentation: { flip: true, translate: 2, cutout: 5 },
    testAugmentation: 'mirror',
    ema: true,
  },
  {
    ...plain,
    title: 'every layer, with adamw',
    architecture: { layers: everyLayer },
    inputShape: [21, 23, 1],
    batchSize: 3,
    optimizer: { type: 'adamw', epsilon: 1e-3, weightDecay: 0.01 },
    learningRate: 0.001,
  },
  {
    ...plain,
    title: 'a record recipe, with groups, lookahead and test augmentation',
    architecture: { layers: recordLayers },
    inputShape: [13, 15, 3],
    batchSize: 6,
    optimizer: {
      type: 'sgd',
      momentum: 0.85,
      nesterov: true,
      weightDecay: 1e-3,
      groups: [{ match: 'beta', learningRateFactor: 64, weightDecay: 2e-5 }],
    },
    augmentation: { flip: 'alternating', translate: 2, border: 'reflect' },
    testAugmentation: 'mirrorTranslate',
    lookahead: true,
  },
];

/**
 * The reference would take minutes for a step of these, so they are compared with the native executor without passes.
 * One step each: in a second, rounding lets other pixels win some pools.
 */
const largeRuns: readonly Run[] = ['resnet9', 'airbench94', 'airbench-mini'].map((preset) => ({
  ...plain,
  title: preset,
  architecture: preset,
  inputShape: cifar,
  steps: 1,
}));
const native = nativeAvailability();

/** Whole training steps on an executor against the reference: the same losses, step by step, and the same weights. */
export function describeTraining(name: string, open: () => Promise<Executor>): void {
  let executor: Executor;
  let reference: Executor;
  beforeAll(async () => {
    executor = await open();
    reference = await openTfjsExecutor({ backend: 'cpu' });
  });

  it('has a run for every preset', () => {
    const covered = new Set([...runs, ...largeRuns].map(({ architecture }) => architecture));
    for (const preset of Object.keys(presets)) expect(covered).toContain(preset);
  });

  it.skipIf(!native.available).each(largeRuns)(
    `${name}: trains $title as the native executor does without passes`,
    async (run) => {
      const expected = await trained(await openNativeExecutor(), run, false);
      expectSame(await trained(executor, run, true), expected);
    },
  );

  it.each(runs.filter(({ augmentation }) => Object.keys(augmentation).length > 0))(
    `${name}: computes the same bits in one run of all steps as in runs of one: $title`,
    async (run) => {
      const long = { ...run, steps: 2 * run.steps };
      const [atOnce, single] = [await trained(executor, long, true, long.steps), await trained(executor, long, true)];
      for (const [slot, values] of single)
        if (!slot.startsWith('totals of')) expect(atOnce.get(slot), slot).toEqual(values);
    },
  );

  // The reference is slow, and slower still on a busy machine.
  describe.each(runs)(`${name}: $title`, { timeout: 180_000 }, (run) => {
    it('trains, evaluates and predicts as the reference does', async () => {
      const expected = await trained(reference, run, true);
      const found = await trained(executor, run, true);
      expectSame(found, expected);
    });

    it('computes the same without passes', async () => {
      expectSame(await trained(executor, run, false), await trained(executor, run, true));
    });
  });
}

type Outcome = Map<string, SlotData>;

function expectSame(found: Outcome, expected: Outcome): void {
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [slot, values] of expected) expectClose(found.get(slot) ?? new Float32Array(), values, slot);
}

/**
 * Trains for the run's steps. Returns the loss after each, all weights at the end, and the results of evaluating and
 * predicting with them.
 */
async function trained(executor: Executor, run: Run, passes: boolean, stepsAtOnce = 1): Promise<Outcome> {
  const model = resolved(run);
  const { batchSize, inputShape } = run;
  const images = 16;
  const normalization = { mean: Array(3).fill(0.5), std: Array(3).fill(0.25) };
  const { testAugmentation } = run;
  const shared = { model, batchSize, images, normalization, testAugmentation, passes };
  const optimizer = optimizerSchema.parse(run.optimizer) as Optimizer;
  const program = buildTrainProgram({
    ...shared,
    optimizer,
    loss: { labelSmoothing: 0.1 },
    augmentation: augmentationSchema.parse(run.augmentation),
    lookahead: run.lookahead ? lookaheadSchema.parse({}) : null,
    ema: run.ema ? { decay: 0.9 } : null,
    seed: 12345,
  });
  const session = await executor.openSession();
  const train = await session.load(program);
  const random = new Random(1);
  await session.write(slotNames.images('train'), random.bytes(images * elementCount(inputShape)));
  await session.write(slotNames.labels('train'), random.integers(images, 10));
  for (const [slot, values] of initialValues(program, 99)) await session.write(slot, values);

  const outcome: Outcome = new Map();
  const feedsOf = (step: number): Record<string, Float32Array | Int32Array> => ({
    [slotNames.indices]: random.integers(batchSize, images),
    [slotNames.step]: Int32Array.of(step),
    ...rates(parameterGroups(model, optimizer), run.learningRate, step),
    ...(run.augmentation.flip === 'alternating' ? { [slotNames.epoch]: Int32Array.of(epochOf(step)) } : {}),
    ...(run.lookahead
      ? { [slotNames.lookahead]: step % 3 === 2 ? Float32Array.of(0.7, 1) : Float32Array.of(1, 0) }
      : {}),
  });
  for (let step = 0; step < run.steps; step += stepsAtOnce) {
    await session.write(slotNames.totals('train'), new Float32Array(3));
    const count = Math.min(stepsAtOnce, run.steps - step);
    await train.run(count, oneAfterAnother(Array.from({ length: count }, (_, i) => feedsOf(step + i))));
    outcome.set(`totals of step ${step}`, await session.read(slotNames.totals('train')));
  }
  for (const { name } of model.weights) outcome.set(name, await session.read(name));

  const indices = Int32Array.from({ length: 2 * batchSize }, (_, i) => i % images);
  const weights = run.ema ? 'ema' : 'model';
  const evaluation = { ...shared, split: 'train', weights, confusion: true } as const;
  const evaluate = await session.load(buildEvaluateProgram(evaluation));
  await evaluate.run(2, { [slotNames.indices]: indices });
  const predict = await session.load(buildPredictProgram({ ...shared, split: 'train', weights }));
  await predict.run(1, { [slotNames.indices]: indices.subarray(0, batchSize) });
  await collect(session, outcome, [slotNames.totals('evaluate'), slotNames.confusion, slotNames.probabilities]);
  await session.close();
  return outcome;
}

/** Epochs of four steps each. */
const epochOf = (step: number) => Math.floor(step / 4);

function rates(groups: ParameterGroup[], learningRate: number, step: number): Record<string, Float32Array> {
  const rate = ({ learningRateFactor, epochs }: ParameterGroup) =>
    epochs !== null && epochOf(step) >= epochs ? 0 : learningRate * learningRateFactor;
  return Object.fromEntries(groups.map((group) => [group.rateSlot, Float32Array.of(rate(group))]));
}

/** The feeds of single steps as those of a run over all of them. */
function oneAfterAnother(steps: Record<string, Float32Array | Int32Array>[]): Record<string, SlotData> {
  const names = Object.keys(steps[0] ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const values = steps.flatMap((feeds) => Array.from(feeds[name] ?? []));
      return [name, steps[0]?.[name] instanceof Int32Array ? Int32Array.from(values) : Float32Array.from(values)];
    }),
  );
}

async function collect(session: Session, outcome: Outcome, slots: readonly string[]): Promise<void> {
  for (const slot of slots) outcome.set(slot, await session.read(slot));
}

function resolved({ architecture, inputShape }: Run): Model {
  const parsed =
    typeof architecture === 'string' ? architecture : { layers: layerListSchema.parse(architecture.layers) };
  const { model, faults } = resolveModel(parsed, inputShape, 10);
  if (model === null) throw new Error(JSON.stringify(faults));
  return model;
}
