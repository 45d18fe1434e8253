import type { LayerInput } from '@trainyard/contracts';

const conv = (filters: number): LayerInput => ({ type: 'conv2d', filters, kernel: [3, 2] });
const toClasses: LayerInput[] = [{ type: 'flatten' }, { type: 'dense', units: 4 }];
const frozen = { type: 'conv2d', kernelEpochs: 0 } as const;
const tanh: LayerInput = { type: 'activation', kind: 'tanh' };
const pool: LayerInput = { type: 'avgPool', size: [3, 2], stride: 1 };

/** A layer between others, by title. */
export const cases: Record<string, LayerInput[]> = {
  'conv2d with stride and uneven padding': [
    conv(3),
    { type: 'conv2d', filters: 5, kernel: [3, 2], stride: [2, 1], padding: 'same' },
    tanh,
    ...toClasses,
  ],
  'conv2d with dilation': [
    conv(3),
    { type: 'conv2d', filters: 4, kernel: 2, dilation: [2, 3], padding: 'same' },
    ...toClasses,
  ],
  'conv2d with groups': [
    conv(4),
    { type: 'conv2d', filters: 6, kernel: [2, 3], groups: 2, padding: 'same' },
    tanh,
    ...toClasses,
  ],
  'depthwise conv2d': [
    conv(3),
    { type: 'conv2d', filters: 6, kernel: 3, stride: 2, padding: 1, groups: 3 },
    ...toClasses,
  ],
  'conv2d without bias': [conv(3), { type: 'conv2d', filters: 4, kernel: 3, padding: 1, bias: false }, ...toClasses],
  'batchNorm of images': [conv(3), { type: 'batchNorm' }, tanh, ...toClasses],
  'batchNorm without scale': [conv(3), { type: 'batchNorm', scale: false }, tanh, ...toClasses],
  'batchNorm of vectors': [
    { type: 'flatten' },
    { type: 'dense', units: 5 },
    { type: 'batchNorm' },
    ...toClasses.slice(1),
  ],
  relu: [conv(3), { type: 'activation', kind: 'relu' }, ...toClasses],
  leakyRelu: [conv(3), { type: 'activation', kind: 'leakyRelu', slope: 0.2 }, ...toClasses],
  tanh: [conv(3), tanh, ...toClasses],
  sigmoid: [conv(3), { type: 'activation', kind: 'sigmoid' }, ...toClasses],
  gelu: [conv(3), { type: 'activation', kind: 'gelu' }, ...toClasses],
  'maxPool with windows that overlap': [conv(3), { type: 'maxPool', size: 3, stride: [1, 2] }, ...toClasses],
  'avgPool with windows that overlap': [conv(3), { type: 'avgPool', size: [2, 3], stride: 1 }, ...toClasses],
  globalAvgPool: [conv(3), tanh, { type: 'globalAvgPool' }, { type: 'dense', units: 4 }],
  'a bias whose kernel is frozen': [conv(3), { ...frozen, filters: 5, kernel: 3 }, tanh, ...toClasses],
  'the bias of a frozen first layer': [
    { ...frozen, filters: 6, kernel: 2, initializer: 'whitening' },
    tanh,
    ...toClasses,
  ],
  'a frozen layer between others': [conv(3), { ...frozen, filters: 5, kernel: 3, biasEpochs: 0 }, tanh, ...toClasses],
  'conv2d that starts as dirac': [
    conv(3),
    { type: 'conv2d', filters: 4, kernel: 3, initializer: 'dirac' },
    ...toClasses,
  ],
  scale: [conv(3), { type: 'scale', factor: -0.3 }, tanh, ...toClasses, { type: 'scale', factor: 2.5 }],
  dropout: [conv(3), { type: 'dropout', rate: 0.4 }, ...toClasses],
  spatialDropout: [conv(8), { type: 'spatialDropout', rate: 0.4 }, ...toClasses],
  squeezeExcite: [conv(8), { type: 'squeezeExcite', reduction: 2, activation: 'tanh' }, tanh, ...toClasses],
  'squeezeExcite as the first layer': [{ type: 'squeezeExcite', reduction: 1 }, conv(3), ...toClasses],
  'squeezeExcite in a residual': [
    conv(4),
    {
      type: 'residual',
      layers: [
        { type: 'conv2d', filters: 4, padding: 'same' },
        { type: 'squeezeExcite', reduction: 2, activation: 'gelu' },
      ],
    },
    ...toClasses,
  ],
  concatenate: [
    conv(3),
    { type: 'concatenate', branches: [[], [{ type: 'conv2d', filters: 2, padding: 'same' }, tanh], [tanh]] },
    ...toClasses,
  ],
  'concatenate as the first layer': [
    { type: 'concatenate', branches: [[pool], [conv(2)], [conv(3), tanh], [pool]] },
    ...toClasses,
  ],
  'concatenate of flat values': [
    conv(3),
    {
      type: 'concatenate',
      branches: [[{ type: 'flatten' }], [{ type: 'globalAvgPool' }, { type: 'dense', units: 3 }]],
    },
    tanh,
    { type: 'dense', units: 4 },
  ],
  'concatenate with one branch that trains': [
    { type: 'concatenate', branches: [[], [{ type: 'conv2d', filters: 2, padding: 'same' }]] },
    ...toClasses,
  ],
  'concatenate, residual and concatenate in one another': [
    conv(3),
    {
      type: 'concatenate',
      branches: [
        [
          {
            type: 'residual',
            layers: [
              { type: 'concatenate', branches: [[], [tanh], [{ type: 'conv2d', filters: 1, padding: 'same' }]] },
              { type: 'conv2d', filters: 3, kernel: 1 },
            ],
          },
          { type: 'concatenate', branches: [[], []] },
        ],
        [],
      ],
    },
    tanh,
    ...toClasses,
  ],
  dense: [{ type: 'flatten' }, { type: 'dense', units: 6 }, tanh, { type: 'dense', units: 4, bias: false }],
  residual: [
    conv(3),
    {
      type: 'residual',
      layers: [{ type: 'conv2d', filters: 3, kernel: 3, padding: 'same' }, { type: 'batchNorm' }, tanh],
    },
    tanh,
    { type: 'residual', layers: [{ type: 'conv2d', filters: 3, kernel: 3, padding: 'same' }] },
    ...toClasses,
  ],
  'residual as the first layer': [
    { type: 'residual', layers: [{ type: 'conv2d', filters: 3, kernel: 3, padding: 'same' }, tanh] },
    ...toClasses,
  ],
};

const dense = (units: number): LayerInput => ({ type: 'dense', units });
/** Of networks some of whose weights are frozen. */
export const frozenCases: Record<string, [layers: LayerInput[], freeze: string[]]> = {
  'frozen batchNorm between others': [[conv(3), { type: 'batchNorm' }, tanh, ...toClasses], ['batch_*']],
  'frozen batchNorm without scale': [
    [{ type: 'flatten' }, dense(5), { type: 'batchNorm', scale: false }, dense(4)],
    ['batch_normalization_1'],
  ],
  'batchNorm with frozen gamma and beta': [
    [conv(3), { type: 'batchNorm' }, ...toClasses],
    ['batch_*', '!*/moving_*'],
  ],
  'a frozen dense kernel': [[{ type: 'flatten' }, dense(6), tanh, dense(5), dense(4)], ['dense_2/kernel']],
  'a frozen dense layer in squeezeExcite': [
    [conv(8), { type: 'squeezeExcite', reduction: 2 }, ...toClasses],
    ['dense_1', 'dense_2/bias'],
  ],
};
