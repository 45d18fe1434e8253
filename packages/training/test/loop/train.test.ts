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

it('the best epoch is the first with the lowest loss', async () => {
  const trained = await trainToy(await packToy(), { epochs: 5, checkpoint: { metric: 'validationLoss' } });
  const losses = epochsOf(trained).map(({ metrics }) => metrics.validationLoss);
  expect(resultsOf(trained).epoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
});

it('or that with the highest accuracy, of equal ones the one with the lowest loss, also of a resumed run', async () => {
  const toy = await packToy();
  const changes = { epochs: 5, checkpoint: { metric: 'validationAccuracy' as const, every: 1, keep: 5 } };
  const trained = await trainToy(toy, changes);
  const epochs = epochsOf(trained).map(({ metrics }) => metrics);
  const highest = Math.max(...epochs.map(({ validationAccuracy }) => validationAccuracy));
  const equal = epochs.filter(({ validationAccuracy }) => validationAccuracy === highest);
  expect(equal.length).toBeGreaterThan(1);
  const lowest = Math.min(...equal.map(({ validationLoss }) => validationLoss));
  const best = epochs.find((metrics) => equal.includes(metrics) && metrics.validationLoss === lowest)?.epoch;
  const [first] = equal;
  expect(best).not.toBe(first?.epoch);
  expect(resultsOf(trained).epoch).toBe(best);
  const resumeFrom = epochsOf(trained).find(({ metrics }) => metrics === first)?.checkpoint?.folder ?? null;
  expect(resumeFrom).not.toBeNull();
  expect(resultsOf(await trainToy(toy, changes, { resumeFrom, attempt: 2 })).epoch).toBe(best);
});

it('the weights after the last epoch are tested beside the best', async () => {
  const toy = await packToy();
  const optimizer = { type: 'sgd' as const, momentum: 0.9 };
  const changes = { learningRate: 0.6, optimizer, checkpoint: { metric: 'validationAccuracy' as const } };
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
