import type { Layer } from '@trainyard/contracts';
import type { Initializer, Weight } from './model.js';
import { elements, type Shape } from './shapes.js';

const zeros: Initializer = { type: 'zeros' };
const ones: Initializer = { type: 'ones' };

type Trained = Pick<Weight, 'trainable' | 'epochs'>;
const trained = (epochs: number | null = null): Trained => ({ trainable: epochs !== 0, epochs });
const statistics: Trained = { trainable: false, epochs: null };

/** Kernel and bias, uniform within 1/sqrt(fan in): what PyTorch's Conv2d and Linear start with (kaiming_uniform, a = sqrt(5)). */
function kernelAndBias(name: string, shape: number[], bias: boolean): [kernel: Weight, bias?: Weight] {
  const fanIn = elements(shape.slice(0, -1));
  const initializer: Initializer = { type: 'uniform', bound: 1 / Math.sqrt(fanIn) };
  const kernel: Weight = { name: `${name}/kernel`, shape, initializer, ...trained() };
  return bias ? [kernel, { name: `${name}/bias`, shape: shape.slice(-1), initializer, ...trained() }] : [kernel];
}

function convolutionWeights(layer: Extract<Layer, { type: 'conv2d' }>, name: string, channels: number): Weight[] {
  const [kernel, bias] = kernelAndBias(name, [...layer.kernel, channels, layer.filters], layer.bias);
  const { initializer, kernelEpochs, biasEpochs } = layer;
  const type = initializer === 'default' ? 'uniform' : initializer;
  const start = { ...kernel.initializer, type } as Initializer;
  const first: Weight = { ...kernel, initializer: start, ...trained(kernelEpochs) };
  if (!bias) return [first];
  return [first, { ...bias, initializer: type === 'uniform' ? bias.initializer : zeros, ...trained(biasEpochs) }];
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

/** The weights of one layer in TensorFlow.js's order; none for layers that learn nothing, and for residuals. */
export function weightsOf(layer: Layer, name: string, inputShape: Shape): Weight[] {
  const channels = inputShape.at(-1) as number;
  switch (layer.type) {
    case 'conv2d':
      return convolutionWeights(layer, name, channels);
    case 'dense':
      return kernelAndBias(name, [channels, layer.units], layer.bias) as Weight[];
    case 'batchNorm':
      return normWeights(name, channels, layer.scale);
    default:
      return [];
  }
}

/** Multiply-adds counted as two, forward, one image; activations, pools and additions are not counted. */
export function flopsOf(layer: Layer, weights: Weight[], outputShape: Shape): number {
  switch (layer.type) {
    case 'conv2d':
      return 2 * elements(weights[0]?.shape ?? []) * (outputShape[0] as number) * (outputShape[1] as number);
    case 'dense':
      return 2 * elements(weights[0]?.shape ?? []);
    case 'batchNorm':
      return 2 * elements(outputShape);
    default:
      return 0;
  }
}
