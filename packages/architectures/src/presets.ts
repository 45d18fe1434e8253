import type { LayerInput } from '@trainyard/contracts';

export interface Preset {
  description: string;
  /** For ten classes; the last dense layer's units follow the dataset (see resolveModel). */
  layers: LayerInput[];
}

const relu: LayerInput = { type: 'activation', kind: 'relu' };
const pool: LayerInput = { type: 'maxPool', size: 2 };
const conv3 = (filters: number): LayerInput => ({ type: 'conv2d', filters, kernel: 3, padding: 1 });
const dense = (units: number): LayerInput => ({ type: 'dense', units });

/** LeCun et al. 1998 with ReLU and max-pooling: the first network of PyTorch's own CIFAR-10 tutorial. */
const lenet: LayerInput[] = [
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
];

const cnn3: LayerInput[] = [
  ...[16, 32, 64].flatMap((filters) => [conv3(filters), relu, pool]),
  { type: 'flatten' },
  ...[512, 64].flatMap((units): LayerInput[] => [dense(units), relu, { type: 'dropout', rate: 0.5 }]),
  dense(10),
];

const vggBlock = (first: number, second: number): LayerInput[] => [
  conv3(first),
  { type: 'batchNorm' },
  relu,
  conv3(second),
  relu,
  pool,
];

const vgg6: LayerInput[] = [
  ...vggBlock(32, 64),
  ...vggBlock(128, 128),
  { type: 'spatialDropout', rate: 0.05 },
  ...vggBlock(256, 256),
  { type: 'flatten' },
  { type: 'dropout', rate: 0.1 },
  dense(1024),
  relu,
  dense(512),
  relu,
  { type: 'dropout', rate: 0.1 },
  dense(10),
];

/** Architectures that a spec can name, with their sources. */
export const presets: Record<string, Preset> = {
  lenet: {
    description: 'Two 5x5 convolutions, three dense layers; small and quick; 60 % on CIFAR-10',
    layers: lenet,
  },
  cnn3: {
    description: 'Three 3x3 convolutions, each pooled, a head with dropout; 73 % on CIFAR-10',
    layers: cnn3,
  },
  vgg6: { description: 'Three blocks of two 3x3 convolutions with batch norm; over 80 % on CIFAR-10', layers: vgg6 },
};

export const presetNames: readonly string[] = Object.keys(presets);
