import { datasetChoiceSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { assumedDataset, peakMemory } from '../src/index.js';

const programs = {
  train: { slots: [400, 100], transient: 5000, scratch: 10 },
  validation: { slots: [400], transient: 3000, scratch: 30 },
  test: { slots: [400], transient: 6000, scratch: 20 },
};
const memory = (choice: object) =>
  peakMemory(programs, assumedDataset, datasetChoiceSchema.parse({ name: 'cifar10', ...choice }));

it('adds up the state of training and test, the copies, and the allocations that no earlier one covers', () => {
  const { stateBytes, stepBytes, checkpointBytes, ...rest } = memory({});
  expect({ stateBytes, stepBytes, checkpointBytes }).toEqual({
    stateBytes: 500 + 400,
    stepBytes: 5000 + 6000 + 10 + 30,
    checkpointBytes: 900 + 400,
  });
  expect(rest.peakBytes).toBe(rest.processBytes + rest.datasetBytes + stateBytes + stepBytes + checkpointBytes);
});

it('counts the images that are read in order exactly, and the pages around those that are read at random', () => {
  const imageBytes = 32 * 32 * 3;
  const test = 10_000 * imageBytes;
  expect(memory({ validationSplit: 'head', limit: 100 }).datasetBytes).toBe(100 * imageBytes + test);
  const random = memory({ limit: 100 }).datasetBytes - test;
  expect(random).toBeGreaterThan(100 * imageBytes);
  expect(random).toBeLessThan(110 * 65_536);
  expect(memory({}).datasetBytes).toBeLessThanOrEqual(60_000 * imageBytes);
});
