import type { JobSpecInput } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { epochsOf, packToy, trainToy } from '../toy.js';

it('a loss that is not a number fails the run and suggests a lower learning rate', async () => {
  const changes: Partial<JobSpecInput> = {
    architecture: { layers: [{ type: 'flatten' }, { type: 'dense', units: 8 }, { type: 'dense', units: 3 }] },
    learningRate: 999,
    optimizer: { type: 'sgd', momentum: 0.9 },
    epochs: 5,
  };
  const trained = await trainToy(await packToy(), changes);
  expect(trained.last).toMatchObject({ type: 'failed', failure: { code: 'diverged' } });
  expect(trained.last).toMatchObject({ failure: { message: expect.stringMatching(/learningRate lower than 999/) } });
  for (const { metrics } of epochsOf(trained)) expect(Number.isFinite(metrics.trainLoss)).toBe(true);
});
