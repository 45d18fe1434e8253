import { expect, it } from 'vitest';
import { checkSpec } from '../../src/index.js';

const faultsOf = (changes: object) => checkSpec({ architecture: 'lenet', ...changes }, null).faults;
const layers = (layer: object) => ({
  architecture: { layers: [{ type: 'flatten' }, layer, { type: 'dense', units: 10 }] },
});
const leaky = { type: 'residual', layers: [{ type: 'activation', kind: 'leakyRelu', slope: 1e-39 }] };
const bounds = /at least -?[13]\.\d+e[+-]38 and at most 3\.4028234e\+38$/;
const share = /use at most 0\.9999999\d*$/;

it.each([
  ['/learningRate', { learningRate: 1e-40 }, bounds],
  ['/optimizer/epsilon', { optimizer: { type: 'adam', epsilon: 1e-46 } }, bounds],
  ['/optimizer/epsilon', { optimizer: { type: 'adamw', epsilon: 1e-300 } }, bounds],
  ['/optimizer/weightDecay', { optimizer: { type: 'sgd', weightDecay: 1e-39 } }, bounds],
  ['/optimizer/groups/0/learningRateFactor', groups({ learningRateFactor: 1e-60 }), bounds],
  ['/optimizer/groups/0/weightDecay', groups({ weightDecay: 1e-60 }), bounds],
  ['/optimizer/momentum', { optimizer: { type: 'sgd', momentum: 0.99999999 } }, share],
  ['/optimizer/beta2', { optimizer: { type: 'adam', beta2: 0.9999999999 } }, share],
  ['/schedule/finalFraction', { schedule: { type: 'cosine', finalFraction: 1e-50 } }, bounds],
  ['/loss/labelSmoothing', { loss: { labelSmoothing: 1e-100 } }, bounds],
  ['/ema/decay', { ema: { decay: 1 - 1e-12 } }, share],
  ['/lookahead/decay', { lookahead: { decay: 1e-310 } }, bounds],
  ['/normalization/std/1', { normalization: { mean: [0, 0, 0], std: [1, 1e-300, 1] } }, bounds],
  ['/normalization/mean/2', { normalization: { mean: [0, 0, 1e308], std: [1, 1, 1] } }, bounds],
  ['/normalization/std/0', { normalization: { mean: [1e20, 0, 0], std: [1e-20, 1, 1] } }, /as large as 1\.00e\+40/],
  ['/normalization/std/0', { normalization: { mean: [0, 0, 0], std: [1e37, 1, 1] } }, /in steps of 3\.92e-40/],
  ['/architecture/layers/1/rate', layers({ type: 'dropout', rate: 0.99999999 }), share],
  ['/architecture/layers/1/factor', layers({ type: 'scale', factor: -1e-45 }), bounds],
  ['/architecture/layers/1/epsilon', layers({ type: 'batchNorm', epsilon: 1e-50 }), bounds],
  ['/architecture/layers/1/slope', layers({ type: 'activation', kind: 'leakyRelu', slope: 1e-39 }), bounds],
  [
    '/architecture/layers/1/layers/0/slope',
    layers({ type: 'residual', layers: [{ type: 'activation', kind: 'leakyRelu', slope: 1e-39 }] }),
    bounds,
  ],
  [
    '/architecture/layers/1/branches/1/0/branches/0/0/layers/0/slope',
    layers({ type: 'concatenate', branches: [[], [{ type: 'concatenate', branches: [[leaky], []] }]] }),
    bounds,
  ],
])('%s of %j is refused with what fp32 holds', (pointer, changes, detail) => {
  expect(faultsOf(changes)).toEqual([{ pointer, detail: expect.stringMatching(detail) }]);
});

function groups(group: object) {
  return { optimizer: { type: 'sgd', groups: [{ match: 'bias', ...group }] } };
}

it('a number beyond its field’s range has one fault', () => {
  const faults = faultsOf({ optimizer: { type: 'sgd', weightDecay: 1e39 } });
  expect(faults).toEqual([{ pointer: '/optimizer/weightDecay', detail: 'must be at most 1 (is 1e+39)' }]);
});

it('zero, the bounds, and numbers that fp32 only rounds are accepted', () => {
  const normalization = { mean: [0, 0.1, -3], std: [1e-30, 0.1, 1e30] };
  const optimizer = { type: 'adam', beta1: 0, beta2: 0.9999999, epsilon: 1.2e-38, weightDecay: 0 };
  expect(faultsOf({ learningRate: 0.1, normalization, optimizer, ema: { decay: 0.9999999 } })).toEqual([]);
});
