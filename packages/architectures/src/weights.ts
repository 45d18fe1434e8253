import type { Layer } from '@trainyard/contracts';
import type { Initializer, Weight } from './model.js';
import { elements, type Shape } from './shapes.js';

const zeros: Initializer = { type: 'zeros' };
const ones: Initializer = { type: 'ones' };

/** Kernel and bias, uniform within 1/sqrt(fan in): what PyTorch's Conv2d and Linear start with (kaiming_uniform, a = sqrt(5)). */
function kernelAndBias(name: string, shape: number[], bias: boolean): Weight[] {
  const fanIn = elements(shape.slice(0, -1));
  const initializer: Initializer = { type: 'uniform', bound: 1 / Math.sqrt(fanIn) };
  const kernel: Weight = { name: `${name}/kernel`, shape, initializer, trainable: true };
  if (!bias) return [kernel];
  return [kernel, { name: `${name}/bias`, shape: shape.slice(-1), initializer, trainable: true }];
}

/** The weights of one layer in TensorFlow.js's order; none for layers that learn nothing, and for residuals. */
export function weightsOf(layer: Layer, name: string, inputShape: Shape): Weight[] {
  const channels = inputShape.at(-1) as number;
  switch (layer.type) {
    case 'conv2d':
      return kernelAndBias(name, [...layer.kernel, channels, layer.filters], layer.bias);
    case 'dense':
      return kernelAndBias(name, [channels, layer.units], layer.bias);
    case 'batchNorm':
      return [
        { name: `${name}/gamma`, shape: [channels], initializer: ones, trainable: true },
        { name: `${name}/beta`, shape: [channels], initializer: zeros, trainable: true },
        { name: `${name}/moving_mean`, shape: [channels], initializer: zeros, trainable: false },
        { name: `${name}/moving_variance`, shape: [channels], initializer: ones, trainable: false },
      ];
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
