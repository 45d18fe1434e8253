import { type Model, resolveModel } from '@trainyard/architectures';
import { augmentationSchema, layerListSchema, type Optimizer, optimizerSchema } from '@trainyard/contracts';
import {
  buildEvaluateProgram,
  buildTrainProgram,
  type Executor,
  elementCount,
  initialValues,
  type Program,
  parameterGroups,
  type Session,
  type SlotData,
  slotNames,
} from '@trainyard/program';
import { expect, it } from 'vitest';
import { Random } from './random.js';
import { everyLayer, recordLayers } from './trainingRuns.js';

const [batchSize, images, classes] = [2, 8, 10];
const networks: [string, Model][] = [
  ['lenet', modelOf('lenet', [32, 32, 3])],
  ['a network with every layer', modelOf({ layers: layerListSchema.parse(everyLayer) }, [21, 23, 3])],
  ['a network of the records', modelOf({ layers: layerListSchema.parse(recordLayers) }, [13, 15, 3])],
];

/** One value of one weight that is NaN makes the loss NaN, in training and in evaluation, whatever layers follow. */
export function describeNaNWeights(name: string, open: () => Promise<Executor>): void {
  it.each(networks)(`${name}: NaN in any weight of %s reaches the loss`, async (_title, model) => {
    const session = await (await open()).openSession();
    const { train, evaluate } = programsOf(model);
    const [trainStep, evaluateStep] = [await session.load(train), await session.load(evaluate)];
    const start = await fill(session, model, train);
    const lossOf = async (program: 'train' | 'evaluate') => {
      await session.write(slotNames.totals(program), new Float32Array(3));
      if (program === 'train') await trainStep.run(1, trainFeeds(model));
      else await evaluateStep.run(1, { [slotNames.indices]: indices });
      return (await session.read(slotNames.totals(program)))[0] as number;
    };
    expect([await lossOf('train'), await lossOf('evaluate')].every(Number.isFinite)).toBe(true);
    for (const weight of model.weights) {
      for (const [slot, values] of start) await session.write(slot, values);
      await session.write(weight.name, withNaN(start.get(weight.name) as SlotData));
      // The batch's own statistics are used in training.
      const isStatistic = weight.name.includes('/moving_');
      expect(await lossOf('evaluate'), `loss with ${weight.name}`).toBeNaN();
      if (!isStatistic) expect(await lossOf('train'), `training loss with ${weight.name}`).toBeNaN();
    }
    await session.close();
  });
}

const optimizer = optimizerSchema.parse({ type: 'sgd' }) as Optimizer;
const indices = Int32Array.from({ length: batchSize }, (_, i) => i);

function programsOf(model: Model): { train: Program; evaluate: Program } {
  const normalization = { mean: Array(3).fill(0.5), std: Array(3).fill(0.25) };
  const shared = { model, batchSize, images, normalization };
  const augmentation = augmentationSchema.parse({});
  const options = { optimizer, loss: { labelSmoothing: 0 }, augmentation, lookahead: null, ema: false, seed: 1 };
  return {
    train: buildTrainProgram({ ...shared, ...options }),
    evaluate: buildEvaluateProgram({
      ...shared,
      testAugmentation: 'none',
      split: 'train',
      weights: 'model',
      confusion: false,
    }),
  };
}

/** Writes random images and the initial values, which it returns. */
async function fill(session: Session, model: Model, program: Program): Promise<Map<string, SlotData>> {
  const random = new Random(3);
  await session.write(slotNames.images('train'), random.bytes(images * elementCount(model.inputShape)));
  await session.write(slotNames.labels('train'), random.integers(images, classes));
  const start = new Map<string, SlotData>(initialValues(program, 5));
  for (const [slot, values] of start) await session.write(slot, values);
  return start;
}

function trainFeeds(model: Model): Record<string, SlotData> {
  const rates = parameterGroups(model, optimizer).map(({ rateSlot }) => [rateSlot, Float32Array.of(0.01)]);
  return { [slotNames.indices]: indices, [slotNames.step]: Int32Array.of(0), ...Object.fromEntries(rates) };
}

function withNaN(values: SlotData): SlotData {
  const changed = values.slice();
  changed[Math.floor(changed.length / 2)] = Number.NaN;
  return changed;
}

function modelOf(architecture: Parameters<typeof resolveModel>[0], shape: [number, number, number]): Model {
  const { model, faults } = resolveModel(architecture, shape, classes);
  if (!model) throw new Error(JSON.stringify(faults));
  return model;
}
