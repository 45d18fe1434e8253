import { buildEvaluateProgram, buildTrainProgram, initialValues, slotNames } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, optimizer, trainOptions } from './models.js';

const model = modelOf([
  { type: 'conv2d', filters: 8, kernel: 3 },
  { type: 'batchNorm' },
  { type: 'flatten' },
  { type: 'dense', units: 4 },
]);
const program = buildTrainProgram(trainOptions(model, { optimizer: optimizer('adam'), ema: { decay: 0.9 } }));
const values = initialValues(program, 3);
const [kernel, bias, gamma, , , variance, dense] = model.weights.map(({ name }) => name);

it('draws kernels and biases evenly from within 1/sqrt(fan in), each from its own stream', () => {
  const bound = 1 / Math.sqrt(27);
  const drawn = [...(values.get(kernel as string) as Float32Array)];
  expect(Math.max(...drawn)).toBeLessThan(bound);
  expect(Math.max(...drawn)).toBeGreaterThan(0.9 * bound);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(-bound);
  expect(Math.min(...drawn)).toBeLessThan(-0.9 * bound);
  expect(values.get(bias as string)?.[0]).not.toBe(drawn[0]);
  expect(new Set([drawn[0], values.get(bias as string)?.[0], values.get(dense as string)?.[0]]).size).toBe(3);
});

it('starts scales and variances at one, optimiser state and totals at zero, averages as their weights', () => {
  expect([...(values.get(gamma as string) ?? [])]).toEqual(Array(8).fill(1));
  expect([...(values.get(variance as string) ?? [])]).toEqual(Array(8).fill(1));
  expect(values.get(slotNames.adamV(kernel as string))?.every((v) => v === 0)).toBe(true);
  expect([...(values.get(slotNames.totals('train')) ?? [])]).toEqual([0, 0, 0]);
  expect(values.get(slotNames.ema(kernel as string))).toEqual(values.get(kernel as string));
});

it('gives the same values in every program of a model, others for another seed', () => {
  const options = { ...trainOptions(model), split: 'test', weights: 'model', confusion: true } as const;
  const evaluated = initialValues(buildEvaluateProgram(options), 3);
  expect(evaluated.get(kernel as string)).toEqual(values.get(kernel as string));
  expect(initialValues(program, 4).get(kernel as string)).not.toEqual(values.get(kernel as string));
});
