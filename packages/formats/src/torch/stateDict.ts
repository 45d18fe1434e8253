import { flattenLayers, type Model, type ResolvedLayer } from '@trainyard/architectures';
import { withFiltersFirst } from '../kernels.js';
import type { NamedTensor } from '../tensor.js';
import { flattenedMaps } from './flatten.js';

/** What PyTorch calls the weights of a layer, by our names for them. */
const torchNames: Record<string, string> = {
  kernel: 'weight',
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};

/**
 * The weights as the state dict of the network in `modeling.py`: kernels of convolutions `[out, in/groups, height,
 * width]`, of dense layers `[out, in]`, where a dense layer after a flatten takes the values in the order channels,
 * height, width. A batchNorm without scale gets the factors 1.
 * @throws Error when one of the model's weights is missing
 */
export function stateDict(model: Model, weights: readonly NamedTensor[]): NamedTensor[] {
  const byName = new Map(weights.map((weight) => [weight.name, weight]));
  const maps = flattenedMaps(model.layers);
  return flattenLayers(model.layers).flatMap((layer) => {
    const tensors = layer.weights.map(({ name }) => {
      const weight = byName.get(name);
      if (!weight) throw new Error(`the model has no weight ${name}`);
      return { ...inTorchLayout(weight, maps.get(layer.name)), name: torchName(layer, name) };
    });
    return hasNoScale(layer) ? [ones(layer), ...tensors] : tensors;
  });
}

/** What PyTorch calls a weight of a layer. */
export const torchName = ({ name }: ResolvedLayer, weight: string): string =>
  `${name}.${torchNames[weight.slice(name.length + 1)]}`;

/** Whether PyTorch's layer has factors that ours lacks. */
export const hasNoScale = ({ layer }: ResolvedLayer): boolean => layer.type === 'batchNorm' && !layer.scale;

const ones = ({ name, inputShape }: ResolvedLayer): NamedTensor => {
  const channels = inputShape.at(-1) as number;
  return { name: `${name}.weight`, shape: [channels], dtype: 'F32', data: new Float32Array(channels).fill(1) };
};

/** @param map `[height, width, channels]` of the map that was flattened into the input of a dense layer */
function inTorchLayout(weight: NamedTensor, map: number[] | undefined): NamedTensor {
  if (weight.shape.length === 4) return withFiltersFirst(weight);
  if (weight.shape.length !== 2) return weight;
  // A dense kernel is the kernel of a convolution that covers the whole map.
  const [inputs = 0, units = 0] = weight.shape;
  const { data } = withFiltersFirst({ ...weight, shape: [...(map ?? [1, 1, inputs]), units] });
  return { ...weight, shape: [units, inputs], data };
}
