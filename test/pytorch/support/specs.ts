import type { JobSpecInput } from '@trainyard/contracts';
import { specOf } from './service.js';

const relu = { type: 'activation' } as const;
const classes = { type: 'dense', units: 5 } as const;

/**
 * Networks that no preset has, each with another optimizer and schedule. With Adam, no convolution before a
 * batchNorm has a bias: its gradient is zero but for rounding, which Adam scales up to whole steps, so that no two
 * programs agree.
 */
export const unknownNetworks: Record<string, JobSpecInput> = {
  'strided and padded, leakyRelu, overlapping max-pool; SGD, Nesterov, weight decay': specOf({
    architecture: {
      layers: [
        { type: 'conv2d', filters: 8, stride: 2, padding: 'same' },
        { type: 'activation', kind: 'leakyRelu', slope: 0.1 },
        { type: 'conv2d', filters: 12, kernel: [5, 3], stride: [2, 1], padding: 1 },
        { type: 'activation', kind: 'tanh' },
        { type: 'maxPool', size: 3, stride: [1, 2] },
        { type: 'flatten' },
        classes,
      ],
    },
    learningRate: 0.05,
    batchSize: 16,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  }),
  'residual, batchNorm, gelu, global pool; AdamW, cosine, label smoothing': specOf({
    architecture: {
      layers: [
        { type: 'conv2d', filters: 8, padding: 'same', bias: false },
        { type: 'batchNorm' },
        relu,
        {
          type: 'residual',
          layers: [
            { type: 'conv2d', filters: 8, padding: 'same', bias: false },
            { type: 'batchNorm' },
            { type: 'activation', kind: 'gelu' },
            { type: 'conv2d', filters: 8, padding: 'same', bias: false },
            { type: 'batchNorm', scale: false },
          ],
        },
        relu,
        { type: 'avgPool' },
        { type: 'conv2d', filters: 16, stride: 2, padding: 'same', bias: false },
        { type: 'batchNorm', momentum: 0.4, epsilon: 1e-3 },
        { type: 'activation', kind: 'gelu' },
        { type: 'globalAvgPool' },
        classes,
      ],
    },
    learningRate: 0.003,
    batchSize: 25,
    optimizer: { type: 'adamw', weightDecay: 0.05 },
    schedule: { type: 'cosine', finalFraction: 0.1 },
    loss: { labelSmoothing: 0.1 },
  }),
  'dense layers alone; Adam, L2, steps': specOf({
    architecture: {
      layers: [
        { type: 'flatten' },
        { type: 'dense', units: 48 },
        { type: 'activation', kind: 'gelu' },
        { type: 'dense', units: 24, bias: false },
        { type: 'activation', kind: 'sigmoid' },
        classes,
      ],
    },
    learningRate: 0.002,
    batchSize: 20,
    optimizer: { type: 'adam', weightDecay: 1e-3, beta2: 0.99, epsilon: 1e-6 },
    schedule: { type: 'step', everyEpochs: 1, factor: 0.5 },
  }),
  'average pools, oblong kernels and strides; SGD with momentum, one cycle; moments of the set': specOf({
    architecture: {
      layers: [
        { type: 'conv2d', filters: 10, kernel: [3, 5], stride: [2, 1], padding: 'same' },
        relu,
        { type: 'avgPool', size: 3, stride: 2 },
        { type: 'conv2d', filters: 12, kernel: 2 },
        { type: 'activation', kind: 'leakyRelu' },
        { type: 'avgPool', size: [2, 1] },
        { type: 'flatten' },
        { type: 'dense', units: 32 },
        relu,
        classes,
      ],
    },
    learningRate: 0.05,
    batchSize: 9,
    optimizer: { type: 'sgd', momentum: 0.9 },
    schedule: 'oneCycle',
    normalization: 'dataset',
  }),
  'groups of channels, depthwise with one and two filters a channel; SGD with momentum': specOf({
    architecture: {
      layers: [
        { type: 'conv2d', filters: 6, kernel: 3, stride: 2, padding: 'same', groups: 3 },
        relu,
        { type: 'conv2d', filters: 12, kernel: [3, 5], padding: 1, groups: 6, bias: false },
        { type: 'batchNorm' },
        relu,
        { type: 'conv2d', filters: 16, kernel: 2, dilation: 2, groups: 4 },
        { type: 'activation', kind: 'tanh' },
        { type: 'globalAvgPool' },
        classes,
      ],
    },
    learningRate: 0.05,
    batchSize: 15,
    optimizer: { type: 'sgd', momentum: 0.9 },
  }),
  'squeeze and excitation, in a residual too; SGD, Nesterov': specOf({
    architecture: {
      layers: [
        { type: 'conv2d', filters: 8, kernel: 3, stride: 2, padding: 'same' },
        { type: 'batchNorm' },
        relu,
        { type: 'squeezeExcite', reduction: 3, activation: 'tanh' },
        {
          type: 'residual',
          layers: [
            { type: 'conv2d', filters: 8, kernel: 3, padding: 'same', groups: 4 },
            { type: 'batchNorm' },
            { type: 'squeezeExcite', reduction: 2, activation: 'gelu' },
          ],
        },
        relu,
        { type: 'globalAvgPool' },
        classes,
      ],
    },
    learningRate: 0.05,
    batchSize: 12,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true },
  }),
  'concatenations, nested and of flat values; AdamW, one cycle': specOf({
    architecture: {
      layers: [
        { type: 'conv2d', filters: 6, kernel: 3, stride: 2, padding: 'same', bias: false },
        { type: 'batchNorm' },
        relu,
        {
          type: 'concatenate',
          branches: [
            [],
            [{ type: 'conv2d', filters: 4, kernel: 1, bias: false }, { type: 'batchNorm' }, relu],
            [
              { type: 'residual', layers: [{ type: 'conv2d', filters: 6, padding: 'same' }] },
              { type: 'concatenate', branches: [[], [{ type: 'conv2d', filters: 3, padding: 'same' }]] },
            ],
          ],
        },
        { type: 'activation', kind: 'tanh' },
        { type: 'concatenate', branches: [[{ type: 'globalAvgPool' }], [{ type: 'maxPool' }, { type: 'flatten' }]] },
        classes,
      ],
    },
    learningRate: 0.002,
    batchSize: 12,
    optimizer: { type: 'adamw', weightDecay: 0.02 },
    schedule: { type: 'oneCycle' },
  }),
  'frozen layers and batchNorm between others, rates by layer; SGD with momentum, steps': specOf({
    architecture: {
      layers: [
        { type: 'conv2d', filters: 8, stride: 2, padding: 'same' },
        { type: 'batchNorm' },
        relu,
        { type: 'conv2d', filters: 12, padding: 'same', bias: false },
        { type: 'batchNorm' },
        { type: 'activation', kind: 'tanh' },
        { type: 'conv2d', filters: 12, stride: 2 },
        { type: 'batchNorm' },
        relu,
        { type: 'flatten' },
        { type: 'dense', units: 16 },
        relu,
        classes,
      ],
    },
    freeze: ['conv2d_1', 'batch_normalization_*', '!batch_normalization_3', 'conv2d_3/kernel', 'dense_1/bias'],
    learningRate: 0.03,
    batchSize: 10,
    optimizer: {
      type: 'sgd',
      momentum: 0.9,
      weightDecay: 1e-3,
      groups: [
        { match: 'conv2d_*', learningRateFactor: 0.5 },
        { match: 'beta', learningRateFactor: 3, weightDecay: 0 },
      ],
    },
    schedule: { type: 'step', everyEpochs: 1, factor: 0.5 },
  }),
  'even kernels, batchNorm after pools, scaled outputs; SGD, linear, last batch dropped': specOf({
    architecture: {
      layers: [
        { type: 'conv2d', filters: 6, kernel: 4, stride: [2, 2], padding: 'same' },
        { type: 'maxPool' },
        { type: 'batchNorm' },
        { type: 'activation', kind: 'tanh' },
        { type: 'conv2d', filters: 16, padding: 'same' },
        relu,
        { type: 'conv2d', filters: 16, kernel: 1, bias: false },
        { type: 'batchNorm' },
        relu,
        { type: 'globalAvgPool' },
        classes,
        { type: 'scale', factor: 2 },
      ],
    },
    learningRate: 0.1,
    batchSize: 12,
    dropLastBatch: true,
    schedule: { type: 'linear', finalFraction: 0.05 },
    normalization: { mean: [0.4, 0.45, 0.5], std: [0.2, 0.25, 0.3] },
  }),
};
