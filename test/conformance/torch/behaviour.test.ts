import { resolveModel } from '@trainyard/architectures';
import { augmentationSchema, layerListSchema, type Precision } from '@trainyard/contracts';
import { openNativeExecutor } from '@trainyard/executor-native';
import {
  buildTrainProgram,
  ExecutorError,
  initialValues,
  OutOfMemoryError,
  type Program,
  slotNames,
} from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { Random } from '../random.js';
import { runsOnTorch, torchDevice } from './onTorch.js';

const images = 64;
const batchSize = 16;

describe.skipIf(!runsOnTorch)(`the executor on ${torchDevice}`, () => {
  it('reports the library, the device and the precision', async () => {
    const { info } = await openNativeExecutor({ device: torchDevice, threads: 1, precision: 'bf16' });
    expect(info).toMatchObject({ name: 'native', device: torchDevice, threads: 1, precision: 'bf16' });
    expect(info.version).toMatch(/^PyTorch \d+\.\d+/);
  });

  it('refuses a GPU that is not there, and says what to try', async () => {
    await expect(openNativeExecutor({ device: 'cuda:98' })).rejects.toThrow(/cuda:98: .*(nvidia-smi|cuda:0)/);
  });

  it('says how many bytes were asked for when memory is refused', async () => {
    const session = await (await openNativeExecutor({ device: torchDevice })).openSession();
    const shape = [2 ** 44];
    const slot = {
      id: 0,
      name: 'huge',
      shape,
      dtype: 'f32',
      role: 'persistent',
      viewOf: null,
      initializer: null,
    } as const;
    const error = await session.load({ name: 'huge', slots: [slot], ops: [] }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect((error as OutOfMemoryError).bytes).toBe(4 * 2 ** 44);
    await session.close();
  });

  it('refuses an image or a label that is not in the set before a step begins, and goes on', async () => {
    const { session, train } = await loaded('fp32');
    const labels = await session.read(slotNames.labels('train'));
    await expect(train.run(3, feeds(3, images))).rejects.toThrow(/image index 64 is not below 64/);
    await session.write(slotNames.labels('train'), Int32Array.from(labels).fill(10));
    await expect(train.run(3, feeds(3))).rejects.toThrow(/label 10 is not below 10/);
    await expect(train.run(3, feeds(3))).rejects.toThrow(ExecutorError);
    await session.write(slotNames.labels('train'), labels);
    expect(await train.run(3, feeds(3))).toBe(3);
    await session.close();
  });

  it('trains in bf16 nearly as in fp32, with weights of fp32', async () => {
    const [exact, coarse] = [await lossesIn('fp32'), await lossesIn('bf16')];
    for (const [i, loss] of exact.entries()) expect(Math.abs((coarse[i] ?? 0) - loss)).toBeLessThan(0.03 * loss);
    expect(coarse).not.toEqual(exact);
    expect(exact.at(-1)).toBeLessThan(0.9 * (exact[0] ?? 0));
    expect(coarse.at(-1)).toBeLessThan(0.9 * (coarse[0] ?? 0));
  });
});

const model = resolveModel(
  {
    layers: layerListSchema.parse([
      { type: 'conv2d', filters: 16, kernel: 3, padding: 1 },
      { type: 'batchNorm' },
      { type: 'activation', kind: 'gelu' },
      { type: 'maxPool', size: 2 },
      { type: 'conv2d', filters: 16, kernel: 3 },
      { type: 'activation', kind: 'relu' },
      { type: 'globalAvgPool' },
      { type: 'dense', units: 10 },
    ]),
  },
  [12, 12, 3],
  10,
).model;

function trainProgram(): Program {
  if (model === null) throw new Error('the model has faults');
  return buildTrainProgram({
    model,
    batchSize,
    images,
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0, groups: [] },
    loss: { labelSmoothing: 0 },
    augmentation: augmentationSchema.parse({}),
    ema: false,
    lookahead: null,
    seed: 1,
  });
}

async function loaded(precision: Precision) {
  const session = await (await openNativeExecutor({ device: torchDevice, precision })).openSession();
  const program = trainProgram();
  const train = await session.load(program);
  const random = new Random(5);
  await session.write(slotNames.images('train'), random.bytes(images * 12 * 12 * 3));
  await session.write(slotNames.labels('train'), random.integers(images, 10));
  for (const [slot, values] of initialValues(program, 3)) await session.write(slot, values);
  return { session, train };
}

/** Repeats the same four batches; `first` replaces the first index. */
function feeds(steps: number, first = 0) {
  const indices = Int32Array.from({ length: steps * batchSize }, (_, i) => i % images);
  indices[0] = first;
  return {
    [slotNames.indices]: indices,
    [slotNames.learningRate]: new Float32Array(steps).fill(0.05),
    [slotNames.step]: Int32Array.from({ length: steps }, (_, i) => i),
  };
}

/** Mean loss of each of ten times four steps. */
async function lossesIn(precision: Precision): Promise<number[]> {
  const { session, train } = await loaded(precision);
  const losses: number[] = [];
  for (let pass = 0; pass < 10; pass++) {
    await session.write(slotNames.totals('train'), new Float32Array(3));
    await train.run(4, feeds(4));
    const [sum = 0, , count = 1] = await session.read(slotNames.totals('train'));
    losses.push(sum / count);
  }
  await session.close();
  return losses;
}
