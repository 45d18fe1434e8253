import { layerListSchema } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { resolveModel, summarize } from '../src/index.js';

it('describes each layer in one row of the layer table', () => {
  const { model } = resolveModel(
    {
      layers: layerListSchema.parse([
        { type: 'conv2d', filters: 6, kernel: 5 },
        { type: 'conv2d', filters: 6, kernel: [3, 1], stride: [2, 1], padding: 'same', bias: false },
        { type: 'residual', layers: [{ type: 'batchNorm' }, { type: 'activation', kind: 'leakyRelu' }] },
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
    '/layers/2 residual: adds its input to the output of its 2 layers',
    '/layers/2/layers/0 batchNorm: momentum 0.1, epsilon 0.00001',
    '/layers/2/layers/1 activation: leakyRelu, slope 0.01',
    '/layers/3 spatialDropout: rate 0.1, whole channels',
    "/layers/4 globalAvgPool: mean of each channel's 14x28 map",
    '/layers/5 dense: 10 units',
  ]);
  expect(rows.reduce((sum, row) => sum + row.parameters, 0)).toBe(model?.parameters);
});
