import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from '@trainyard/artifacts';
import type { NamedTensor } from '@trainyard/formats';
import { expect, it } from 'vitest';
import { planTraining } from '../../src/index.js';
import { averagingShares } from '../../src/plan/schedule.js';
import { epochsOf, messagesOf, packToy, temporaryFolder, toySpec, trainToy } from '../toy.js';

const isStatistic = ({ name }: NamedTensor) => name.includes('/moving_');
const ema = { decay: 0.95, warmup: true };

it('running statistics are averaged with the weights, step by step', async () => {
  const trained = await trainToy(await packToy(), { epochs: 1, ema, checkpoint: { everySteps: 1 } });
  const folders = messagesOf(trained.messages, 'checkpoint').map(({ checkpoint }) => checkpoint.folder);
  expect(folders).toHaveLength(7);
  const checkpoints = await Promise.all(folders.map(readCheckpoint));
  for (const weight of [
    'conv2d_1/kernel',
    'batch_normalization_1/moving_mean',
    'batch_normalization_1/moving_variance',
  ]) {
    const valuesIn = (tensors: NamedTensor[]) => [...(tensors.find(({ name }) => name === weight)?.data ?? [])];
    let [average = []] = checkpoints.map(({ weights }) => valuesIn(weights));
    for (const [i, { weights, state }] of checkpoints.slice(1).entries()) {
      const [kept = 0, taken = 0] = averagingShares(ema, i + 1, 1);
      const newest = valuesIn(state);
      average = average.map((value, k) => kept * value + taken * (newest[k] as number));
      expect(newest).not.toEqual(average);
      for (const [k, value] of valuesIn(weights).entries()) expect(value).toBeCloseTo(average[k] as number, 5);
    }
  }
});

it('an older checkpoint, whose statistics are not averaged, resumes; their averages start there', async () => {
  const toy = await packToy();
  const trained = await trainToy(toy, { epochs: 2, ema });
  const { manifest, weights, state } = await readCheckpoint(epochsOf(trained).at(-1)?.checkpoint?.folder as string);
  const newest = new Map(state.filter(isStatistic).map((tensor) => [tensor.name, tensor]));
  const { files: _, ...rest } = manifest;
  const older = join(await temporaryFolder(), 'older');
  await writeCheckpoint(older, {
    manifest: rest,
    model: (await planTraining(toySpec(), toy.dataset, toy.datasetFile)).model,
    weights: weights.map((weight) => newest.get(weight.name) ?? weight),
    state: state.filter((tensor) => !isStatistic(tensor)),
  });
  const resumed = await trainToy(toy, { epochs: 3, ema }, { attempt: 2, resumeFrom: older });
  const whole = await trainToy(toy, { epochs: 3, ema });
  const trainLoss = (run: typeof whole) => epochsOf(run).at(-1)?.metrics.trainLoss;
  expect(trainLoss(resumed)).toBe(trainLoss(whole));
});
