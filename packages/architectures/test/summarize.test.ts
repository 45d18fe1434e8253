import { layerListSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { resolveModel, summarize } from '../src/index.js';

it('describes each layer in one row of the layer table', () => {
  const { model } = resolveModel(
    {
      layers: layerListSchema.parse([
        { type: 'conv2d', filters: 6, kernel: 5 },
        { type: 'conv2d', filters: 6, kernel: [3, 1], stride: [2, 1], padding: 'same', bias: false },
        { type: 'conv2d', filters: 12, kernel: 3, padding: 'same', groups: 6 },
        { type: 'conv2d', filters: 6, kernel: 1, groups: 2 },
        { type: 'residual', layers: [{ type: 'batchNorm' }, { type: 'activation', kind: 'leakyRelu' }] },
        { type: 'squeezeExcite', reduction: 2 },
        { type: 'concatenate', branches: [[], [{ type: 'activation' }]] },
        { type: 'spatialDropout' },
        { type: 'globalAvgPool' },
        { type: 'dense', units: 10 },
      ]),
    },
    [32, 32, 3],
    10,
    '',
  );
  const rows = model ? summarize(model).layers : [];
  expect(rows.map(({ pointer, type, detail }) => `${pointer} ${type}: ${detail}`)).toEqual([
    '/layers/0 conv2d: 6 filters 5x5, stride 1, padding 0',
    '/layers/1 conv2d: 6 filters 3x1, stride 2x1, padding same, no bias',
    '/layers/2 conv2d: 12 filters 3x3, stride 1, padding same, depthwise',
    '/layers/3 conv2d: 6 filters 1x1, stride 1, padding 0, 2 groups',
    '/layers/4 residual: adds its input to the output of its 2 layers',
    '/layers/4/layers/0 batchNorm: momentum 0.1, epsilon 0.00001',
    '/layers/4/layers/1 activation: leakyRelu, slope 0.01',
    '/layers/5 squeezeExcite: multiplies each of 6 channels by a factor, from 3 units',
    "/layers/5 globalAvgPool: mean of each channel's 14x28 map",
    '/layers/5 dense: 3 units',
    '/layers/5 activation: relu',
    '/layers/5 dense: 6 units',
    '/layers/5 activation: sigmoid',
    '/layers/6 concatenate: joins the outputs of its 2 branches',
    '/layers/6/branches/1/0 activation: relu',
    '/layers/7 spatialDropout: rate 0.1, whole channels',
    "/layers/8 globalAvgPool: mean of each channel's 14x28 map",
    '/layers/9 dense: 10 units',
  ]);
  // Each filter has the weights of the channels that it reads, 1 and 6, and a bias.
  expect(rows.slice(2, 4).map(({ parameters }) => parameters)).toEqual([12 * (9 + 1), 6 * (6 + 1)]);
  expect(rows.slice(2, 4).map(({ flops }) => flops)).toEqual([12 * 9 * 14 * 28 * 2, 6 * 6 * 14 * 28 * 2]);
  expect(rows.reduce((sum, row) => sum + row.parameters, 0)).toBe(model?.parameters);
});
