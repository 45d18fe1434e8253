import { type MapShape, type Model, type ResolvedLayer, resolveModel, type Weight } from '@trainyard/architectures';
import { type Layer, type LayerInput, layerListSchema } from '@trainyard/contracts';
import type { NamedTensor, Provenance } from '../src/index.js';

/** Models for tests, built by hand so that the tests do not depend on the shapes that `architectures` infers. */

const weight = (name: string, shape: number[]): Weight => ({
  name,
  shape,
  initializer: { type: 'zeros' },
  trainable: !name.includes('moving'),
  epochs: null,
});

const statistics = (name: string, channels: number, scale: boolean) =>
  [...(scale ? ['gamma'] : []), 'beta', 'moving_mean', 'moving_variance'].map((kind) =>
    weight(`${name}/${kind}`, [channels]),
  );

function weightsOf(name: string, layer: Layer, input: number[]): Weight[] {
  const inputs = input.at(-1) as number;
  if (layer.type === 'conv2d') {
    const kernel = weight(`${name}/kernel`, [...layer.kernel, inputs, layer.filters]);
    return layer.bias ? [kernel, weight(`${name}/bias`, [layer.filters])] : [kernel];
  }
  if (layer.type === 'dense') {
    const kernel = weight(`${name}/kernel`, [inputs, layer.units]);
    return layer.bias ? [kernel, weight(`${name}/bias`, [layer.units])] : [kernel];
  }
  return layer.type === 'batchNorm' ? statistics(name, inputs, layer.scale) : [];
}

/** `shapes[i]` is the output shape of layer i; a residual's own layers all keep its input's shape. */
export function modelOf(inputShape: [number, number, number], layers: LayerInput[], shapes: number[][]): Model {
  let count = 0;
  const resolve = (layer: Layer, input: number[], output: number[]): ResolvedLayer => {
    const name = `${layer.type.toLowerCase()}_${++count}`;
    const branches = layer.type === 'residual' ? [layer.layers.map((child) => resolve(child, input, input))] : [];
    const weights = weightsOf(name, layer, input);
    const padding = { top: 0, bottom: 0, left: 0, right: 0 };
    return { pointer: '', name, layer, inputShape: input, outputShape: output, weights, padding, flops: 0, branches };
  };
  const parsed = layerListSchema.parse(layers);
  const resolved = parsed.map((layer, i) =>
    resolve(layer, i === 0 ? inputShape : (shapes[i - 1] as number[]), shapes[i] as number[]),
  );
  const weights = resolved.flatMap((layer) => [layer, ...layer.branches.flat()].flatMap((each) => each.weights));
  return {
    name: 'custom',
    inputShape,
    classes: shapes.at(-1)?.[0] as number,
    changes: [],
    layers: resolved,
    weights,
    parameters: 0,
    flops: 0,
  };
}

/**
 * Values that differ from weight to weight and element to element; variances are positive. Those of a kernel are so
 * small that the values of all layers are about as large as those of the images.
 */
export const someWeights = (model: Model): NamedTensor[] =>
  model.weights.map(({ name, shape }, ordinal) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const size = shape.length > 1 ? Math.sqrt((shape.at(-1) as number) / length) : 1;
    const data = Float32Array.from({ length }, (_, i) => size * Math.sin(i * 1.7 + ordinal));
    const variance = name.endsWith('moving_variance');
    return { name, shape, dtype: 'F32', data: variance ? data.map((v) => 0.5 + Math.abs(v)) : data };
  });

export const provenanceOf = (model: Model): Provenance => ({
  jobId: 'job_01jzzzzzzzzzzzzzzzzzzzzzzz',
  attempt: 1,
  cursor: { epoch: 3, step: 0, globalStep: 300 },
  dataset: { name: 'toy', version: 1, digest: 'd', classes: Array.from({ length: model.classes }, (_, i) => `c${i}`) },
  inputShape: model.inputShape,
  normalization: { mean: Array(model.inputShape[2]).fill(0.5), std: Array(model.inputShape[2]).fill(0.25) },
  codeVersion: '0.1.0',
});

/** A model of layers whose shapes `architectures` infers. */
export function customModel(inputShape: MapShape, classes: number, layers: LayerInput[]): Model {
  const { model, faults } = resolveModel({ layers: layerListSchema.parse(layers) }, inputShape, classes);
  if (!model) throw new Error(JSON.stringify(faults));
  return model;
}

/** Concatenates of maps and of values, nested and around a residual. */
export const concatenates: LayerInput[] = [
  { type: 'conv2d', filters: 4, kernel: 3 },
  {
    type: 'concatenate',
    branches: [
      [],
      [
        { type: 'residual', layers: [{ type: 'conv2d', filters: 4, padding: 1 }, { type: 'batchNorm' }] },
        { type: 'concatenate', branches: [[], [{ type: 'conv2d', filters: 3, kernel: 1 }], []] },
      ],
      [{ type: 'squeezeExcite', reduction: 2 }],
    ],
  },
  {
    type: 'concatenate',
    branches: [
      [{ type: 'flatten' }, { type: 'dense', units: 3 }],
      [{ type: 'flatten' }],
      [{ type: 'globalAvgPool' }, { type: 'activation', kind: 'tanh' }],
    ],
  },
];
