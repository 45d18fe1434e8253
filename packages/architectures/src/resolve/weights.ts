import type { Layer } from '@trainyard/contracts';
import type { Initializer, Weight } from '../model.js';
import { elementCount, type Shape } from './shapes.js';

type Conv2d = Extract<Layer, { type: 'conv2d' }>;

const zeros: Initializer = { type: 'zeros' };
const ones: Initializer = { type: 'ones' };

type Trained = Pick<Weight, 'trainable' | 'epochs'>;
const trained = (epochs: number | null = null): Trained => ({ trainable: epochs !== 0, epochs });
const statistics: Trained = { trainable: false, epochs: null };

/** 1/sqrt(fan in): PyTorch's bound for kernels and biases of Conv2d and Linear (kaiming_uniform, a = sqrt(5)). */
const boundOf = (kernelShape: readonly number[]): number => 1 / Math.sqrt(elementCount(kernelShape.slice(0, -1)));

function kernelInitializer({ initializer, groups }: Conv2d, bound: number): Initializer {
  if (initializer === 'dirac') return { type: 'dirac', bound, groups };
  return { type: initializer === 'default' ? 'uniform' : initializer, bound };
}

function convolutionWeights(layer: Conv2d, name: string, channels: number): Weight[] {
  const shape = [...layer.kernel, channels / layer.groups, layer.filters];
  const bound = boundOf(shape);
  const { initializer, kernelEpochs, biasEpochs } = layer;
  const kernel: Weight = {
    name: `${name}/kernel`,
    shape,
    initializer: kernelInitializer(layer, bound),
    ...trained(kernelEpochs),
  };
  if (!layer.bias) return [kernel];
  const bias: Weight = {
    name: `${name}/bias`,
    shape: [layer.filters],
    initializer: initializer === 'default' ? { type: 'uniform', bound } : zeros,
    ...trained(biasEpochs),
  };
  return [kernel, bias];
}

function denseWeights(layer: Extract<Layer, { type: 'dense' }>, name: string, inputs: number): Weight[] {
  const shape = [inputs, layer.units];
  const initializer: Initializer = { type: 'uniform', bound: boundOf(shape) };
  const kernel: Weight = { name: `${name}/kernel`, shape, initializer, ...trained() };
  const bias: Weight = { name: `${name}/bias`, shape: [layer.units], initializer, ...trained() };
  return layer.bias ? [kernel, bias] : [kernel];
}

function normWeights(name: string, channels: number, scale: boolean): Weight[] {
  const shape = [channels];
  const gamma: Weight = { name: `${name}/gamma`, shape, initializer: ones, ...trained() };
  return [
    ...(scale ? [gamma] : []),
    { name: `${name}/beta`, shape, initializer: zeros, ...trained() },
    { name: `${name}/moving_mean`, shape, initializer: zeros, ...statistics },
    { name: `${name}/moving_variance`, shape, initializer: ones, ...statistics },
  ];
}

/** The weights of one layer in TensorFlow.js's order; none for layers that only contain others or learn nothing. */
export function weightsOf(layer: Layer, name: string, inputShape: Shape): Weight[] {
  const channels = inputShape.at(-1) ?? Number.NaN;
  switch (layer.type) {
    case 'conv2d':
      return convolutionWeights(layer, name, channels);
    case 'dense':
      return denseWeights(layer, name, channels);
    case 'batchNorm':
      return normWeights(name, channels, layer.scale);
    default:
      return [];
  }
}

/** Of the forward pass of one image; a multiply-add counts as two. Activations, pools and additions are not counted. */
export function flopsOf(layer: Layer, weights: Weight[], outputShape: Shape): number {
  const kernelSize = elementCount(weights[0]?.shape ?? []);
  switch (layer.type) {
    case 'conv2d':
      // Each of the height x width positions of the output uses the whole kernel.
      return 2 * kernelSize * elementCount(outputShape.slice(0, 2));
    case 'dense':
      return 2 * kernelSize;
    case 'batchNorm':
      return 2 * elementCount(outputShape);
    default:
      return 0;
  }
}
