import { buildEvaluateProgram, buildTrainProgram, initialValues, slotNames } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, optimizer, trainOptions } from './models.js';

const model = modelOf([
  { type: 'conv2d', filters: 8, kernel: 3 },
  { type: 'batchNorm' },
  { type: 'flatten' },
  { type: 'dense', units: 4 },
]);
const program = buildTrainProgram(trainOptions(model, { optimizer: optimizer('adam'), ema: true }));
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

it('returns the same values in every program of a model, and others for another seed', () => {
  const options = { ...trainOptions(model), split: 'test', weights: 'model', confusion: true } as const;
  const evaluated = initialValues(buildEvaluateProgram(options), 3);
  expect(evaluated.get(kernel as string)).toEqual(values.get(kernel as string));
  expect(initialValues(program, 4).get(kernel as string)).not.toEqual(values.get(kernel as string));
});

it('starts a dirac kernel as one that passes its channels through, the filters beyond them as drawn', () => {
  const small = modelOf([
    { type: 'conv2d', filters: 5, kernel: [2, 3], initializer: 'dirac' },
    { type: 'flatten' },
    { type: 'dense', units: 4 },
  ]);
  const kernel = initialValues(buildTrainProgram(trainOptions(small)), 3).get('conv2d_1/kernel') as Float32Array;
  for (let row = 0; row < 2 * 3 * 3; row++) {
    const passing = kernel.slice(5 * row, 5 * row + 3);
    // The centre is row 1, column 1 of the 2x3 window.
    const channel = row - (1 * 3 + 1) * 3;
    expect([...passing]).toEqual([0, 1, 2].map((filter) => Number(filter === channel)));
    expect(kernel.slice(5 * row + 3, 5 * row + 5).every((value) => value !== 0)).toBe(true);
  }
});

it('starts a dirac kernel with groups as one that passes the channels of each group through', () => {
  const grouped = modelOf(
    [
      { type: 'conv2d', filters: 6, kernel: 3, groups: 2, initializer: 'dirac' },
      { type: 'flatten' },
      { type: 'dense', units: 4 },
    ],
    [5, 5, 4],
  );
  const kernel = initialValues(buildTrainProgram(trainOptions(grouped)), 3).get('conv2d_1/kernel') as Float32Array;
  // [3, 3, 2, 6]: of three filters a group, two pass its two channels, and the third is drawn.
  for (const group of [0, 1])
    for (const [filter, channel, row] of [0, 1].flatMap((f) =>
      [0, 1].flatMap((c) => [0, 4, 8].map((r) => [f, c, r])),
    )) {
      const at = ((row as number) * 2 + (channel as number)) * 6 + group * 3;
      expect(kernel[at + (filter as number)]).toBe(Number(row === 4 && filter === channel));
      expect(kernel[at + 2]).not.toBe(0);
    }
});
