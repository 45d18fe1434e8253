import { expect, it } from 'vitest';
import { assumedDataset, checkSpec, planJob, splitSizes } from '../src/index.js';

function plan(input: object) {
  const { spec, model, faults } = checkSpec(input, assumedDataset);
  expect(faults).toEqual([]);
  if (!spec || !model) throw new Error('refused');
  return planJob(spec, model, assumedDataset);
}

it('completes a spec of four fields: draws the seed, finds the version of the dataset', () => {
  const { spec } = checkSpec(
    { architecture: 'lenet', learningRate: 0.01, batchSize: 20, epochs: 30 },
    { ...assumedDataset, version: 7 },
  );
  expect(spec).toMatchObject({
    dataset: { name: 'cifar10', version: 7 },
    optimizer: { type: 'sgd' },
    normalization: 'half',
  });
  expect(Number.isInteger(spec?.seed)).toBe(true);
  expect(checkSpec({ architecture: 'lenet' }, null).spec?.seed).not.toBe(
    checkSpec({ architecture: 'lenet' }, null).spec?.seed,
  );
});

it('accepts a complete spec again and returns the same', () => {
  const { spec } = checkSpec(
    { architecture: { layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }] }, optimizer: 'adam' },
    null,
  );
  expect(checkSpec(structuredClone(spec), null).spec).toEqual(spec);
});

it('uses a fifth of the training images for validation, after the limit, rounded down', () => {
  const choice = { validationFraction: 0.2, validationSplit: 'shuffled' } as const;
  expect(splitSizes(assumedDataset, { ...choice, limit: null })).toEqual({
    train: 40_000,
    validation: 10_000,
    test: 10_000,
  });
  expect(splitSizes(assumedDataset, { ...choice, limit: 99 })).toEqual({
    train: 80,
    validation: 19,
    test: 10_000,
  });
});

it('plans the steps, and three times the forward FLOPs for training', () => {
  expect(plan({ architecture: 'lenet' })).toMatchObject({
    trainImages: 40_000,
    stepsPerEpoch: 2000,
    totalSteps: 60_000,
    trainingFlops: 3 * 1_303_440 * 40_000 * 30,
    expectedSeconds: null,
  });
});
