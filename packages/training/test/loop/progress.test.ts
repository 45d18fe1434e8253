import { progressSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { nextChunk } from '../../src/loop/chunks.js';
import { Pace, progressOf } from '../../src/loop/progress.js';

const input = {
  epoch: 1,
  epochs: 4,
  step: 5,
  stepsPerEpoch: 10,
  trainImages: 1000,
  validationImages: 300,
  imagesPerSecond: 100,
  validationSeconds: 2,
};

it('the time left is the rest of training at the current pace plus the remaining validations', () => {
  const progress = progressOf(input);
  expect(progressSchema.parse(progress)).toEqual(progress);
  expect(progress).toMatchObject({ epoch: 2, fraction: 0.375, etaSeconds: 2500 / 100 + 3 * 2 });
});

it('before the first validation its time is estimated as a third of training', () => {
  expect(progressOf({ ...input, validationSeconds: null }).etaSeconds).toBeCloseTo(25 + 3, 9);
});

it('without a pace no time left is reported, and the epoch never exceeds the last', () => {
  expect(progressOf({ ...input, imagesPerSecond: 0 }).etaSeconds).toBeNull();
  expect(progressOf({ ...input, epoch: 4, step: 0 })).toMatchObject({ epoch: 4, fraction: 1, etaSeconds: 0 });
});

it('a slow first step soon stops to count in the pace', () => {
  const pace = new Pace();
  pace.add(20, 2);
  for (let i = 0; i < 200; i++) pace.add(100, 0.3);
  expect(pace.imagesPerSecond).toBeGreaterThan(330);
});

it('chunks aim at a third of a second, and grow by a limited factor', () => {
  expect(nextChunk(100, 0.1)).toBe(300);
  expect(nextChunk(1, 1e-5)).toBe(8);
  expect(nextChunk(64, 60)).toBe(1);
});
