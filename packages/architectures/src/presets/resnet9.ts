import type { LayerInput } from '@trainyard/contracts';
import { pool } from './layers.js';
import type { Preset } from './preset.js';

const convolution = (filters: number): LayerInput[] => [
  { type: 'conv2d', filters, kernel: 3, padding: 'same', bias: false },
  { type: 'batchNorm' },
  { type: 'activation', kind: 'relu' },
];
const residual = (filters: number): LayerInput => ({
  type: 'residual',
  layers: [...convolution(filters), ...convolution(filters)],
});

/** David Page's ResNet-9 ("How to train your ResNet", 2018): 94 % in 24 epochs, then the fastest entry of DAWNBench. */
export const resnet9: Preset = {
  description: 'Eight 3x3 convolutions, two residuals; 94 % on CIFAR-10 in 24 epochs; 2.7 PFLOP, so for a GPU',
  layers: [
    ...convolution(64),
    ...convolution(128),
    pool,
    residual(128),
    ...convolution(256),
    pool,
    ...convolution(512),
    pool,
    residual(512),
    { type: 'maxPool', size: 4 },
    { type: 'flatten' },
    { type: 'dense', units: 10, bias: false },
    { type: 'scale', factor: 0.125 },
  ],
};
