import { presets } from '@trainyard/architectures';
import type { augmentationSchema, JobSpec, LayerInput, optimizerSchema } from '@trainyard/contracts';
import type { z } from 'zod';

/** A short training run that an executor repeats against the reference. */
export interface Run {
  title: string;
  architecture: string | { layers: LayerInput[] };
  inputShape: [number, number, number];
  batchSize: number;
  steps: number;
  optimizer: Parameters<typeof optimizerSchema.parse>[0];
  learningRate: number;
  augmentation: z.input<typeof augmentationSchema>;
  testAugmentation: JobSpec['testAugmentation'];
  ema: boolean;
  lookahead: boolean;
  /** Patterns of weights. */
  freeze?: string[];
}

const plain = {
  batchSize: 4,
  steps: 10,
  optimizer: 'sgd',
  learningRate: 0.01,
  augmentation: {},
  testAugmentation: 'none',
  ema: false,
  lookahead: false,
} as const;
const cifar: [number, number, number] = [32, 32, 3];

/** Every type of layer, in uneven sizes. */
export const everyLayer: LayerInput[] = [
  { type: 'conv2d', filters: 5, kernel: 3, padding: 'same', stride: 2 },
  { type: 'batchNorm' },
  { type: 'activation', kind: 'leakyRelu', slope: 0.1 },
  {
    type: 'residual',
    layers: [
      { type: 'conv2d', filters: 5, kernel: 3, dilation: 2, padding: 2, bias: false },
      { type: 'batchNorm' },
      { type: 'activation', kind: 'gelu' },
      { type: 'squeezeExcite', reduction: 2, activation: 'tanh' },
    ],
  },
  { type: 'maxPool', size: 3, stride: 2 },
  { type: 'spatialDropout', rate: 0.3 },
  { type: 'conv2d', filters: 9, kernel: [2, 3] },
  { type: 'activation', kind: 'tanh' },
  { type: 'avgPool', size: 2, stride: 1 },
  { type: 'conv2d', filters: 8, kernel: 1 },
  { type: 'activation', kind: 'sigmoid' },
  { type: 'conv2d', filters: 16, kernel: 2, padding: 'same', groups: 8 },
  { type: 'conv2d', filters: 12, kernel: 1, groups: 4 },
  { type: 'squeezeExcite', reduction: 4 },
  {
    type: 'concatenate',
    branches: [
      [],
      [{ type: 'conv2d', filters: 3, kernel: 1 }, { type: 'activation' }],
      [{ type: 'residual', layers: [{ type: 'conv2d', filters: 12, padding: 'same', groups: 3 }] }],
    ],
  },
  { type: 'globalAvgPool' },
  { type: 'dense', units: 12 },
  { type: 'activation', kind: 'relu' },
  { type: 'dropout', rate: 0.2 },
  { type: 'dense', units: 10 },
];

/** A small airbench94 (Jordan 2024) with every feature of its layers. */
export const recordLayers: LayerInput[] = [
  { type: 'conv2d', filters: 24, kernel: 2, initializer: 'whitening', kernelEpochs: 0, biasEpochs: 1 },
  { type: 'activation', kind: 'gelu' },
  { type: 'conv2d', filters: 28, kernel: 3, padding: 'same', bias: false, initializer: 'dirac' },
  { type: 'maxPool', size: 2 },
  { type: 'batchNorm', epsilon: 1e-12, momentum: 0.4, scale: false },
  { type: 'activation', kind: 'gelu' },
  { type: 'maxPool', size: 3 },
  { type: 'flatten' },
  { type: 'dense', units: 10, bias: false },
  { type: 'scale', factor: 1 / 9 },
];

/** The layers of vgg6 take ten steps on small images: the reference needs half a minute for two steps of full size. */
export const runs: readonly Run[] = [
  { ...plain, title: 'lenet', architecture: 'lenet', inputShape: cifar },
  { ...plain, title: 'lenet on 54x44 gray images', architecture: 'lenet', inputShape: [44, 54, 1] },
  {
    ...plain,
    title: 'airbench-mini on 8x8 gray images',
    architecture: 'airbench-mini',
    inputShape: [8, 8, 1],
    steps: 2,
  },
  { ...plain, title: 'cnn3', architecture: 'cnn3', inputShape: cifar },
  {
    ...plain,
    title: 'the layers of vgg6 on 8x8 images',
    architecture: { layers: presets.vgg6.layers },
    inputShape: [8, 8, 3],
  },
  { ...plain, title: 'vgg6', architecture: 'vgg6', inputShape: cifar, batchSize: 2, steps: 2 },
  {
    ...plain,
    title: 'every layer, with nesterov momentum, augmentation and averages',
    architecture: { layers: everyLayer },
    inputShape: [21, 23, 3],
    batchSize: 5,
    optimizer: { type: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
    augmentation: { resizedCrop: {}, flip: true, translate: 2, cutout: 5, mixup: {} },
    testAugmentation: 'mirror',
    ema: true,
  },
  {
    ...plain,
    title: 'every layer, with adamw',
    architecture: { layers: everyLayer },
    inputShape: [21, 23, 1],
    batchSize: 3,
    optimizer: { type: 'adamw', epsilon: 1e-3, weightDecay: 0.01 },
    learningRate: 0.001,
  },
  {
    ...plain,
    title: 'every layer, some of them frozen, with rates by layer',
    architecture: { layers: everyLayer },
    inputShape: [21, 23, 3],
    batchSize: 5,
    freeze: ['batch_normalization_*', 'conv2d_3', 'dense_1/kernel', 'dense_2', 'conv2d_4/bias'],
    optimizer: {
      type: 'sgd',
      momentum: 0.9,
      weightDecay: 1e-3,
      groups: [
        { match: 'conv2d_*', learningRateFactor: 0.1 },
        { match: 'bias', weightDecay: 0 },
      ],
    },
    ema: true,
  },
  {
    ...plain,
    title: 'a record recipe, with groups, lookahead and test augmentation',
    architecture: { layers: recordLayers },
    inputShape: [13, 15, 3],
    batchSize: 6,
    optimizer: {
      type: 'sgd',
      momentum: 0.85,
      nesterov: true,
      weightDecay: 1e-3,
      groups: [{ match: 'beta', learningRateFactor: 64, weightDecay: 2e-5 }],
    },
    augmentation: { flip: 'alternating', translate: 2, border: 'reflect' },
    testAugmentation: 'mirrorTranslate',
    lookahead: true,
  },
];

/**
 * The reference would take minutes for a step of these, so they are compared with the native executor without passes.
 * One step of two images each: the more steps and pixels, the more pools in which rounding lets another pixel win.
 */
export const largeRuns: readonly Run[] = [
  ...['resnet9', 'airbench94', 'airbench-mini', 'resnet-photo'].map((preset) => large(preset, cifar)),
  ...['cnn3', 'vgg6', 'resnet9', 'airbench94', 'airbench-mini'].map((preset) => large(preset, [28, 28, 1])),
  ...['cnn3', 'resnet-photo'].map((preset) => large(preset, [72, 90, 3])),
  large('vgg6', [48, 40, 3]),
];

function large(preset: string, inputShape: Run['inputShape']): Run {
  const [height, width, channels] = inputShape;
  const title = `${preset} on ${width}x${height} images of ${channels === 1 ? '1 channel' : `${channels} channels`}`;
  return { ...plain, title, architecture: preset, inputShape, batchSize: 2, steps: 1 };
}
