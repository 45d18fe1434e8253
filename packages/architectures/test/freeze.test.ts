import { layerListSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { freezeWeights, matchesWeight, partlyFrozenNorms, resolveModel, summarize } from '../src/index.js';

const layers = layerListSchema.parse([
  { type: 'conv2d', filters: 4, padding: 'same' },
  { type: 'batchNorm' },
  { type: 'residual', layers: [{ type: 'conv2d', filters: 4, padding: 'same' }] },
  { type: 'globalAvgPool' },
  { type: 'dense', units: 3 },
]);

function modelOf() {
  const { model } = resolveModel({ layers }, [8, 8, 1], 3);
  if (!model) throw new Error('the layers do not fit');
  return model;
}

const frozenBy = (...patterns: string[]) =>
  freezeWeights(modelOf(), patterns)
    .weights.filter(({ epochs }) => epochs === 0)
    .map(({ name }) => name);

it('a pattern names layers, or single weights of them', () => {
  const matches = (pattern: string) =>
    modelOf()
      .weights.map(({ name }) => name)
      .filter((name) => matchesWeight(pattern, name));
  expect(matches('conv2d_1')).toEqual(['conv2d_1/kernel', 'conv2d_1/bias']);
  expect(matches('conv2d_*/bias')).toEqual(['conv2d_1/bias', 'conv2d_2/bias']);
  expect(matches('*/moving_*')).toEqual(['batch_normalization_1/moving_mean', 'batch_normalization_1/moving_variance']);
  expect(matches('conv2d')).toEqual([]);
  expect(matches('kernel')).toEqual([]);
});

it('the last pattern that names a weight decides', () => {
  expect(frozenBy('*', '!conv2d_*', 'conv2d_2/kernel', '!batch_normalization_1')).toEqual([
    'conv2d_2/kernel',
    'dense_1/kernel',
    'dense_1/bias',
  ]);
  expect(frozenBy('!dense_1')).toEqual([]);
});

it('frozen weights do not count as parameters, and their layers are shown as frozen', () => {
  const model = freezeWeights(modelOf(), ['*', '!dense_1']);
  expect(model.parameters).toBe(4 * 3 + 3);
  const rows = summarize(model).layers.map(({ name, detail, parameters }) => `${name} ${parameters} ${detail}`);
  expect(rows).toContain('batch_normalization_1 0 momentum 0.1, epsilon 0.00001, frozen');
  expect(rows).toContain('conv2d_2 0 4 filters 3x3, stride 1, padding same, frozen');
  expect(rows).toContain('dense_1 15 3 units');
  expect(freezeWeights(modelOf(), [])).toEqual(modelOf());
});

it('statistics of batch norm are frozen with all of its layer', () => {
  const partly = (...patterns: string[]) => partlyFrozenNorms(freezeWeights(modelOf(), patterns));
  expect(partly('*/moving_*')).toEqual(['batch_normalization_1']);
  expect(partly('batch_normalization_1', '!*/moving_mean')).toEqual(['batch_normalization_1']);
  expect(partly('batch_normalization_1')).toEqual([]);
  expect(partly('*/gamma', '*/beta')).toEqual([]);
});
