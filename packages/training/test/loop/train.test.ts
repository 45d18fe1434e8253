import { trainerMessageSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { epochsOf, messagesOf, packToy, resultsOf, trainToy } from '../toy.js';

it('a run emits its start, progress, every epoch and its test, as the schema defines them', async () => {
  const trained = await trainToy(await packToy(), { epochs: 4 });
  for (const message of trained.messages) expect(trainerMessageSchema.parse(message)).toEqual(message);
  expect(trained.messages[0]).toMatchObject({ type: 'started', stepsPerEpoch: 8, resumedFrom: null, parameters: 243 });
  expect(trained.messages[1]).toMatchObject({ type: 'progress', progress: { epoch: 1, step: 1, stepsPerEpoch: 8 } });
  expect(epochsOf(trained).map(({ metrics }) => metrics.epoch)).toEqual([1, 2, 3, 4]);
  expect(trained.last.type).toBe('tested');
});

it('the loss falls, and the best weights classify the test images', async () => {
  const trained = await trainToy(await packToy(), { epochs: 6 });
  const losses = epochsOf(trained).map(({ metrics }) => metrics.trainLoss);
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number));
  const results = resultsOf(trained);
  expect(results.accuracy).toBeGreaterThan(0.9);
  expect(results.total).toBe(30);
  expect(results.confusion.flat().reduce((a, b) => a + b)).toBe(30);
  const best = epochsOf(trained).filter(({ metrics }) => metrics.best);
  expect(results.epoch).toBe(best.at(-1)?.metrics.epoch);
});

it('a test counts the images whose class is among the five likeliest, where there are more classes', async () => {
  const names = ['top', 'middle', 'bottom', 'd', 'e', 'f'];
  const architecture = { layers: [{ type: 'flatten' as const }, { type: 'dense' as const, units: 6 }] };
  const results = resultsOf(await trainToy(await packToy(75, 30, names), { architecture, epochs: 1 }));
  expect(results.top5Accuracy).toBe(1);
  expect(results.accuracy).toBeLessThan(1);
  expect(resultsOf(await trainToy(await packToy(), { epochs: 1 })).top5Accuracy).toBeNull();
});

it('the best epoch is the first with the lowest loss or the highest accuracy, by the spec’s metric', async () => {
  const toy = await packToy();
  for (const metric of ['validationLoss', 'validationAccuracy'] as const) {
    const trained = await trainToy(toy, { epochs: 5, checkpoint: { metric } });
    const values = epochsOf(trained).map(({ metrics }) => metrics[metric]);
    const best = metric === 'validationLoss' ? Math.min(...values) : Math.max(...values);
    expect(resultsOf(trained).epoch).toBe(values.indexOf(best) + 1);
  }
});

it('the weights after the last epoch are tested beside the best', async () => {
  const toy = await packToy();
  const changes = { learningRate: 0.02, checkpoint: { metric: 'validationAccuracy' as const } };
  const trained = await trainToy(toy, { ...changes, epochs: 6 });
  const { epoch, last } = resultsOf(trained);
  expect(epoch).toBeLessThan(6);
  const { last: same, ...end } = resultsOf(
    await trainToy(toy, { epochs: 6, ...changes, checkpoint: { metric: 'epoch' } }),
  );
  expect(last).toEqual(same);
  expect(end).toMatchObject(same ?? {});
  expect(last?.epoch).toBe(6);
});

it('with the metric epoch, the last epoch is the best, and before the end the newest that `every` keeps', async () => {
  const trained = await trainToy(await packToy(), { epochs: 5, checkpoint: { metric: 'epoch', every: 2 } });
  expect(resultsOf(trained).epoch).toBe(5);
  expect(epochsOf(trained).map(({ metrics }) => metrics.best)).toEqual([false, true, false, true, true]);
  expect(epochsOf(trained).map(({ checkpoint }) => checkpoint !== null)).toEqual([false, true, false, true, true]);
});

it('a warning reports a precision that the executor does not have', async () => {
  const trained = await trainToy(await packToy(), { epochs: 1, precision: 'bf16' });
  expect(messagesOf(trained.messages, 'warning')).toMatchObject([{ code: 'precision_ignored' }]);
});
