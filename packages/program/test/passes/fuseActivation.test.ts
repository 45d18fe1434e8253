import type { LayerInput } from '@trainyard/contracts';
import { buildEvaluateProgram, buildTrainProgram, fuseActivation, type Program } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, trainOptions } from '../models.js';

const convolution = { type: 'conv2d', filters: 3, kernel: 3, padding: 'same' } as const;
const activation = (kind: 'relu' | 'gelu') => ({ type: 'activation', kind }) as const;
const head: LayerInput[] = [{ type: 'flatten' }, { type: 'dense', units: 4 }];

const fusedKinds = (program: Program) =>
  fuseActivation(program)
    .ops.filter((op) => op.kind === 'conv2d' || op.kind === 'dense')
    .map((op) => op.activation?.kind ?? null);
const activationsLeft = (program: Program) =>
  fuseActivation(program).ops.filter((op) => op.kind === 'activation').length;

const trained = (layers: LayerInput[]) => buildTrainProgram(trainOptions(modelOf(layers), { passes: false }));

it('puts an activation into the convolution or dense layer before it', () => {
  const program = trained([
    convolution,
    activation('relu'),
    { type: 'flatten' },
    { type: 'dense', units: 5 },
    activation('relu'),
    { type: 'dense', units: 4 },
  ]);
  expect(fusedKinds(program)).toEqual(['relu', 'relu', null]);
  expect(activationsLeft(program)).toBe(0);
});

it('does not fuse gelu where its gradient reads the pre-activation, and fuses it elsewhere', () => {
  const layers = [convolution, activation('gelu'), ...head];
  expect(fusedKinds(trained(layers))).toEqual([null, null]);
  const options = { ...trainOptions(modelOf(layers)), split: 'test', weights: 'model', confusion: false } as const;
  expect(fusedKinds(buildEvaluateProgram({ ...options, passes: false }))).toEqual(['gelu', null]);
});

it('does not fuse an activation whose input a residual reads too', () => {
  const program = trained([convolution, { type: 'residual', layers: [activation('relu'), convolution] }, ...head]);
  expect(fusedKinds(program)).toEqual([null, null, null]);
});
