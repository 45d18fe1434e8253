import type { LayerInput } from '@trainyard/contracts';
import { pool, relu } from './layers.js';
import type { Preset } from './preset.js';

const convolution = (filters: number, stride: number): LayerInput[] => [
  { type: 'conv2d', filters, kernel: 3, stride, padding: 'same', bias: false },
  { type: 'batchNorm' },
  { type: 'activation', kind: 'relu' },
];
const group = (filters: number, stride: number): LayerInput[] => [
  ...convolution(filters, stride),
  { type: 'residual', layers: [...convolution(filters, 1), ...convolution(filters, 1).slice(0, 2)] },
  relu,
];

/**
 * A residual network (He et al. 2016, arXiv 1512.03385) for photographs on a CPU: the stride and the pool at its start
 * leave a sixteenth of the pixels to all other layers, and the mean over the last map takes images of any size.
 */
export const resnetPhoto: Preset = {
  description: 'Ten 3x3 convolutions, three residuals; for photographs of 64 to 224 pixels a side, on a CPU',
  layers: [
    ...convolution(24, 2),
    pool,
    ...group(48, 1),
    ...group(96, 2),
    ...group(192, 2),
    { type: 'globalAvgPool' },
    { type: 'dense', units: 10 },
  ],
  sides: { smallest: 64, largest: 128 },
};
