import { readdir } from 'node:fs/promises';
import { readCheckpoint } from '@trainyard/artifacts';
import { expect, it } from 'vitest';
import { epochsOf, packToy, resultsOf, temporaryFolder, toySpec, trainToy } from '../toy.js';

it('a checkpoint is written every `every` epochs, at each new best and after the last epoch', async () => {
  const changes = { epochs: 7, learningRate: 0.5, checkpoint: { every: 3 } };
  const trained = await trainToy(await packToy(), changes);
  for (const { metrics, checkpoint } of epochsOf(trained)) {
    const due = metrics.best || metrics.epoch % 3 === 0 || metrics.epoch === 7;
    expect(checkpoint !== null, `epoch ${metrics.epoch}`).toBe(due);
  }
});

it('a manifest has position, metrics, spec, dataset and best; nothing else remains in the staging folder', async () => {
  const toy = await packToy();
  const stagingFolder = await temporaryFolder();
  const trained = await trainToy(toy, { epochs: 1 }, { stagingFolder });
  const [epoch] = epochsOf(trained);
  const { manifest, weights } = await readCheckpoint(epoch?.checkpoint?.folder as string);
  expect(manifest).toMatchObject({
    format: 2,
    jobId: 'job_toy',
    attempt: 1,
    cursor: { epoch: 1, step: 0, globalStep: 8 },
    metrics: { validationLoss: epoch?.metrics.validationLoss },
    best: { epoch: 1, value: epoch?.metrics.validationLoss },
    spec: toySpec({ epochs: 1 }),
    dataset: { name: 'toy', digest: toy.dataset.digest },
    inputShape: [8, 8, 1],
    normalization: { mean: [0.5], std: [0.5] },
  });
  expect(weights.map(({ name }) => name)).toContain('conv2d_1/kernel');
  expect(await readdir(stagingFolder)).toEqual(['1-0']);
});

it('with averages, weights.bin has those of weights and statistics, and the state has the raw values', async () => {
  const trained = await trainToy(await packToy(), { epochs: 1, ema: { decay: 0.99 } });
  const { weights, state } = await readCheckpoint(epochsOf(trained)[0]?.checkpoint?.folder as string);
  for (const weight of ['conv2d_1/kernel', 'batch_normalization_1/moving_mean']) {
    const valuesIn = (tensors: typeof weights) => tensors.find(({ name }) => name === weight)?.data;
    expect(valuesIn(state)).toBeDefined();
    expect(valuesIn(weights)).not.toEqual(valuesIn(state));
    expect(state.map(({ name }) => name)).not.toContain(`ema/${weight}`);
  }
  expect(resultsOf(trained).epoch).toBe(1);
});
