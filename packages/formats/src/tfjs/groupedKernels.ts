import { flattenLayers, type Model } from '@trainyard/architectures';
import type { Layer } from '@trainyard/contracts';
import type { NamedTensor } from '../tensor.js';

/**
 * Kernels of convolutions with groups, [h,w,C/groups,O], as TensorFlow.js knows them. A depthwise convolution is its
 * layer DepthwiseConv2D, whose kernel [h,w,C,O/C] has the same values in the same order. For the others it has no layer
 * (4.22), so that they become plain convolutions whose kernel [h,w,C,O] is zero where a filter does not read a channel.
 */

type Conv2d = Extract<Layer, { type: 'conv2d' }>;

/** How a kernel differs from that of a plain convolution. */
export type Storage = 'plain' | 'depthwise' | 'zeros';

/** DepthwiseConv2D of TensorFlow.js ignores a dilation, and TensorFlow's kernels for it need equal strides. */
export function storageOf({ groups, stride, dilation }: Conv2d, channels: number): Storage {
  if (groups === 1) return 'plain';
  const simple = stride[0] === stride[1] && dilation.every((distance) => distance === 1);
  return groups === channels && simple ? 'depthwise' : 'zeros';
}

const depthwiseName = 'depthwise_kernel';

/** A tensor of weights.bin; `groups`: its kernel has zeros between so many groups. */
export interface StoredTensor extends NamedTensor {
  groups?: number;
}

/** The tensors of weights.bin for `weights`, which are in the order of `model.weights`. */
export function storeKernels(model: Model, weights: readonly NamedTensor[]): StoredTensor[] {
  const stored = new Map<string, (kernel: NamedTensor) => StoredTensor>();
  for (const { layer, name, inputShape } of flattenLayers(model.layers)) {
    if (layer.type !== 'conv2d') continue;
    const channels = inputShape.at(-1) as number;
    const storage = storageOf(layer, channels);
    if (storage === 'depthwise') stored.set(`${name}/kernel`, (kernel) => asDepthwise(kernel, name, channels));
    if (storage === 'zeros') stored.set(`${name}/kernel`, (kernel) => withZeros(kernel, layer.groups));
  }
  return weights.map((weight) => stored.get(weight.name)?.(weight) ?? weight);
}

/** The opposite of storeKernels, for one tensor. */
export function restoreKernel(tensor: NamedTensor, groups = 1): NamedTensor {
  const [height = 0, width = 0, channels = 0, multiplier = 0] = tensor.shape;
  if (tensor.name.endsWith(`/${depthwiseName}`)) {
    const name = `${tensor.name.slice(0, -depthwiseName.length)}kernel`;
    return { ...tensor, name, shape: [height, width, 1, channels * multiplier] };
  }
  return groups === 1 ? tensor : withoutZeros(tensor, groups);
}

function asDepthwise(kernel: NamedTensor, layer: string, channels: number): NamedTensor {
  const [height = 0, width = 0, , filters = 0] = kernel.shape;
  return { ...kernel, name: `${layer}/${depthwiseName}`, shape: [height, width, channels, filters / channels] };
}

function withZeros(kernel: NamedTensor, groups: number): StoredTensor {
  const [height = 0, width = 0, channelsOfGroup = 0, filters = 0] = kernel.shape;
  const shape = [height, width, channelsOfGroup * groups, filters];
  const data = new Float32Array(height * width * channelsOfGroup * groups * filters);
  eachRun(shape, groups, (full, compact, length) => data.set(kernel.data.subarray(compact, compact + length), full));
  return { ...kernel, shape, data, groups };
}

function withoutZeros(kernel: NamedTensor, groups: number): NamedTensor {
  const [height = 0, width = 0, channels = 0, filters = 0] = kernel.shape;
  const data = new Float32Array(kernel.data.length / groups);
  eachRun(kernel.shape, groups, (full, compact, length) =>
    data.set(kernel.data.subarray(full, full + length), compact),
  );
  return { ...kernel, shape: [height, width, channels / groups, filters], data };
}

/** Calls `copy` for the filters of each group and input channel, which are side by side in both kernels. */
function eachRun(
  [height = 0, width = 0, channels = 0, filters = 0]: number[],
  groups: number,
  copy: (full: number, compact: number, length: number) => void,
): void {
  const [channelsOfGroup, length] = [channels / groups, filters / groups];
  for (let position = 0; position < height * width; position++) {
    for (let channel = 0; channel < channels; channel++) {
      const first = Math.floor(channel / channelsOfGroup) * length;
      const row = position * channelsOfGroup + (channel % channelsOfGroup);
      copy((position * channels + channel) * filters + first, row * filters + first, length);
    }
  }
}
