import { expect, it } from 'vitest';
import { patienceIsOver } from '../../src/loop/earlyStopping.js';
import { epochsOf, packToy, resultsOf, trainToy } from '../toy.js';

it('a run that no longer improves stops early, and the best epoch is tested', async () => {
  const changes = { epochs: 50, earlyStopping: { patience: 2, minDelta: 0.3 } };
  const trained = await trainToy(await packToy(), changes);
  const losses = epochsOf(trained).map(({ metrics }) => metrics.validationLoss);
  expect(losses.length).toBeLessThan(50);
  expect(resultsOf(trained).epoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
  expect(epochsOf(trained).at(-1)?.checkpoint).not.toBeNull();
});

it('patience counts the epochs since the last improvement', () => {
  const rule = { metric: 'validationLoss' as const, patience: 3, minDelta: 0 };
  const improved = { epoch: 4, value: 1 };
  expect([4, 5, 6, 7].map((epoch) => patienceIsOver(rule, epoch, improved))).toEqual([false, false, false, true]);
  expect(patienceIsOver(null, 100, improved)).toBe(false);
});
