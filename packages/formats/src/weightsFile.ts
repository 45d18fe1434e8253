import { flattenLayers, type Model } from '@trainyard/architectures';
import { withFiltersLast } from './kernels.js';
import { openSafetensors, tensorOf } from './safetensors.js';
import type { NamedTensor } from './tensor.js';
import { flattenedMaps } from './torch/flatten.js';
import { hasNoScale, torchName } from './torch/stateDict.js';

/** A weight of a model as a file names it, in the shape that it has there. */
export interface FileWeight {
  /** Our name for it. */
  weight: string;
  name: string;
  shape: number[];
}

/** A safetensors file as weights of a model. */
export interface WeightsFile {
  /** What the file should have. */
  expected: FileWeight[];
  /** What it has, in its order. */
  found: { name: string; shape: number[] }[];
  /** What is wrong with single tensors, one sentence each, apart from names and shapes. */
  faults: string[];
  /** The weights under our names and in our layout. @throws Error for one that is missing or of another shape */
  read(names: readonly string[]): NamedTensor[];
}

/** Counters of PyTorch's batch norm, which no layer of ours has. */
const isCounter = (name: string): boolean => name.endsWith('.num_batches_tracked');

/**
 * A safetensors file with the names and layout of `format=safetensors`; or, where no name has a slash, the state dict
 * of the network in `modeling.py` (`format=torch`): `conv2d_1.weight`, kernels `[out, in, height, width]`, dense layers
 * `[out, in]` over maps that were flattened as channels, height, width.
 * @throws Error that says what is wrong when the bytes are not a safetensors file
 */
export function openWeightsFile(bytes: Uint8Array, model: Model): WeightsFile {
  const { entries, data } = openSafetensors(bytes);
  const isTorch = !Object.keys(entries).some((name) => name.includes('/'));
  const maps = flattenedMaps(model.layers);
  const layers = flattenLayers(model.layers);
  const expected = layers.flatMap((layer) =>
    layer.weights.map(
      ({ name, shape }): FileWeight =>
        isTorch
          ? { weight: name, name: torchName(layer, name), shape: torchShape(shape) }
          : { weight: name, name, shape },
    ),
  );
  const ones = new Set(isTorch ? layers.filter(hasNoScale).map(({ name }) => `${name}.weight`) : []);
  const named = Object.entries(entries).filter(([name]) => !isCounter(name));
  const faults = named.flatMap(([name, entry]) => {
    if (entry.dtype !== 'F32') return [`${name} is ${entry.dtype}; save it as float32`];
    const isFactor = ones.has(name) && tensorOf(name, entry, data).data.some((value) => value !== 1);
    return isFactor ? [`${name} has factors other than 1, and the batchNorm of the network has no scale`] : [];
  });
  const found = named.filter(([name]) => !ones.has(name)).map(([name, { shape }]) => ({ name, shape }));
  return {
    expected,
    found,
    faults,
    read: (names) =>
      expected
        .filter(({ weight }) => names.includes(weight))
        .map(({ weight, name, shape }) => {
          const entry = entries[name];
          if (entry?.dtype !== 'F32' || String(entry.shape) !== String(shape))
            throw new Error(`the file has no ${name} of shape [${shape.join(', ')}]`);
          const tensor = tensorOf(name, entry, data);
          const map = maps.get(weight.split('/')[0] as string);
          return { ...(isTorch ? inOurLayout(tensor, map) : tensor), name: weight };
        }),
  };
}

function torchShape(shape: readonly number[]): number[] {
  if (shape.length === 4) return [3, 2, 0, 1].map((axis) => shape[axis] as number);
  return shape.length === 2 ? shape.toReversed() : [...shape];
}

/** @param map `[height, width, channels]` of the map that was flattened into the input of a dense layer */
function inOurLayout(tensor: NamedTensor, map: number[] | undefined): NamedTensor {
  if (tensor.shape.length === 4) return withFiltersLast(tensor);
  if (tensor.shape.length !== 2) return tensor;
  const [units = 0, inputs = 0] = tensor.shape;
  const [height = 1, width = 1, channels = inputs] = map ?? [];
  const { data } = withFiltersLast({ ...tensor, shape: [units, channels, height, width] });
  return { ...tensor, shape: [inputs, units], data };
}
