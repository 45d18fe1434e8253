import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import { slotNames } from '@trainyard/program';
import { expect, it } from 'vitest';
import { packToy, trainToy, watched } from '../toy.js';

interface FedRun {
  program: string;
  steps: number;
  indices: number[];
  rates: number[];
  numbers: number[];
}

async function fedRuns(dropLastBatch = false): Promise<FedRun[]> {
  const runs: FedRun[] = [];
  const executor = watched(await openTfjsExecutor({ backend: 'cpu' }), (program, steps, feeds) => {
    const fed = (name: string) => Array.from(feeds[name] ?? []);
    const { indices, learningRate, step } = slotNames;
    runs.push({ program, steps, indices: fed(indices), rates: fed(learningRate), numbers: fed(step) });
  });
  await trainToy(await packToy(), { epochs: 2, schedule: 'linear', dropLastBatch }, { executor });
  return runs;
}

it('an epoch feeds every training image once, including the partial last batch, in its own order', async () => {
  const fed = (await fedRuns()).filter(({ program }) => program === 'train').flatMap(({ indices }) => indices);
  const [first, second] = [fed.slice(0, 60), fed.slice(60)];
  expect(fed.length).toBe(120);
  expect(new Set(first).size).toBe(60);
  expect(second).not.toEqual(first);
  expect(second.toSorted()).toEqual(first.toSorted());
});

it('a partial last batch is dropped where the spec says so', async () => {
  const runs = (await fedRuns(true)).filter(({ program }) => program === 'train');
  expect(runs.flatMap(({ numbers }) => numbers)).toEqual(Array.from({ length: 14 }, (_, i) => i));
  const fed = runs.flatMap(({ indices }) => indices);
  expect([fed.slice(0, 56), fed.slice(56)].map((epoch) => new Set(epoch).size)).toEqual([56, 56]);
});

it('validation uses the other images once, the test every test image once', async () => {
  const runs = await fedRuns();
  const trained = new Set(runs.filter(({ program }) => program === 'train').flatMap(({ indices }) => indices));
  const evaluated = runs.filter(({ program }) => program === 'evaluate').flatMap(({ indices }) => indices);
  const validation = evaluated.slice(0, 15);
  expect(new Set([...validation, ...trained]).size).toBe(75);
  expect(evaluated.slice(15, 30)).toEqual(validation);
  expect(evaluated.slice(30)).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

it('steps are numbered over all epochs, and rates follow them', async () => {
  const runs = (await fedRuns()).filter(({ program }) => program === 'train');
  expect(runs.flatMap(({ numbers }) => numbers)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  const rates = runs.flatMap((run) => run.rates);
  expect(rates).toEqual(Array.from({ length: 16 }, (_, i) => Math.fround(0.1 * (1 - i / 16))));
});
