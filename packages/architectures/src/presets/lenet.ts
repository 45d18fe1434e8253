import { dense, pool, relu } from './layers.js';
import type { Preset } from './preset.js';

/** LeCun et al. 1998 with ReLU and max-pooling: the first network of PyTorch's own CIFAR-10 tutorial. */
export const lenet: Preset = {
  description: 'Two 5x5 convolutions, three dense layers; small and quick; 62 % on CIFAR-10, tuned 75 %',
  layers: [
    { type: 'conv2d', filters: 6, kernel: 5 },
    relu,
    pool,
    { type: 'conv2d', filters: 16, kernel: 5 },
    relu,
    pool,
    { type: 'flatten' },
    dense(120),
    relu,
    dense(84),
    relu,
    dense(10),
  ],
};
