import type { ResolvedLayer } from '@trainyard/architectures';
import type { Layer } from '@trainyard/contracts';
import { withFiltersFirst } from '../kernels.js';
import type { GraphBuilder } from './graphBuilder.js';
import { floatAttribute, integerAttribute, integersAttribute } from './messages.js';

/** Between nodes, maps are `[batch, channels, height, width]`, as ONNX' operators need them. */
export const channelsFirst = integersAttribute('perm', [0, 3, 1, 2]);
const channelsLast = integersAttribute('perm', [0, 2, 3, 1]);

const firstAxis = integerAttribute('axis', 1);

type Conv2d = Extract<Layer, { type: 'conv2d' }>;
type Pool = Extract<Layer, { type: 'maxPool' | 'avgPool' }>;
type BatchNorm = Extract<Layer, { type: 'batchNorm' }>;
type Activation = Extract<Layer, { type: 'activation' }>;

/** The nodes for a layer whose input is `x`. @returns its output */
export function addLayer(graph: GraphBuilder, x: string, resolved: ResolvedLayer): string {
  const { name, layer, inputShape, branches } = resolved;
  switch (layer.type) {
    case 'conv2d':
      return addConvolution(graph, x, resolved, layer);
    case 'batchNorm':
      return addBatchNorm(graph, x, name, layer, inputShape.at(-1) as number);
    case 'activation':
      return addActivation(graph, x, name, layer);
    case 'maxPool':
      return graph.node('MaxPool', name, [x], windows(layer));
    case 'avgPool':
      return graph.node('AveragePool', name, [x], windows(layer));
    case 'globalAvgPool':
      return graph.node('Flatten', name, [graph.node('GlobalAveragePool', `${name}/mean`, [x])], [firstAxis]);
    case 'flatten':
      return inputShape.length === 1 ? x : addFlatten(graph, x, name);
    case 'dense':
      return graph.node('Gemm', name, [x, graph.weight(`${name}/kernel`), ...biasOf(graph, name, layer)]);
    case 'scale':
      return graph.node('Mul', name, [x, graph.scalar(`${name}/factor`, layer.factor)]);
    case 'dropout':
    case 'spatialDropout':
      return x;
    case 'squeezeExcite':
      return addFactors(graph, x, resolved);
    case 'concatenate':
      return graph.node('Concat', name, addBranches(graph, x, branches), [firstAxis]);
    case 'residual':
      return graph.node('Add', name, [x, ...addBranches(graph, x, branches)]);
  }
}

/** The outputs of lists of layers that all begin with `x`. */
const addBranches = (graph: GraphBuilder, x: string, branches: readonly ResolvedLayer[][]): string[] =>
  branches.map((layers) => layers.reduce((y, layer) => addLayer(graph, y, layer), x));

function addFactors(graph: GraphBuilder, x: string, { name, branches }: ResolvedLayer): string {
  const factors = addBranches(graph, x, branches);
  const axes = graph.node('Constant', `${name}/axes`, [], [integersAttribute('value_ints', [2, 3])]);
  const overMap = graph.node('Unsqueeze', `${name}/factors`, [...factors, axes]);
  return graph.node('Mul', name, [x, overMap]);
}

const biasOf = (graph: GraphBuilder, name: string, { bias }: { bias: boolean }): string[] =>
  bias ? [graph.weight(`${name}/bias`)] : [];

function addConvolution(graph: GraphBuilder, x: string, { name, padding }: ResolvedLayer, layer: Conv2d): string {
  const { top, left, bottom, right } = padding;
  return graph.node(
    'Conv',
    name,
    [x, graph.weight(`${name}/kernel`, withFiltersFirst), ...biasOf(graph, name, layer)],
    [
      integersAttribute('kernel_shape', layer.kernel),
      integersAttribute('strides', layer.stride),
      integersAttribute('dilations', layer.dilation),
      integersAttribute('pads', [top, left, bottom, right]),
      integerAttribute('group', layer.groups),
    ],
  );
}

function addBatchNorm(graph: GraphBuilder, x: string, name: string, layer: BatchNorm, channels: number): string {
  const gamma = layer.scale ? graph.weight(`${name}/gamma`) : graph.constant(`${name}/ones`, Array(channels).fill(1));
  const others = ['beta', 'moving_mean', 'moving_variance'].map((kind) => graph.weight(`${name}/${kind}`));
  return graph.node('BatchNormalization', name, [x, gamma, ...others], [floatAttribute('epsilon', layer.epsilon)]);
}

function addActivation(graph: GraphBuilder, x: string, name: string, { kind, slope }: Activation): string {
  switch (kind) {
    case 'relu':
      return graph.node('Relu', name, [x]);
    case 'tanh':
      return graph.node('Tanh', name, [x]);
    case 'sigmoid':
      return graph.node('Sigmoid', name, [x]);
    case 'leakyRelu':
      return graph.node('LeakyRelu', name, [x], [floatAttribute('alpha', slope)]);
    case 'gelu': {
      // x/2 (1 + erf(x/sqrt(2))); the operator Gelu came with a later version.
      const scaled = graph.node('Mul', `${name}/scaled`, [x, graph.scalar('inverse_root_of_two', Math.SQRT1_2)]);
      const erf = graph.node('Erf', `${name}/erf`, [scaled]);
      const sum = graph.node('Add', `${name}/sum`, [erf, graph.scalar('one', 1)]);
      const product = graph.node('Mul', `${name}/product`, [x, sum]);
      return graph.node('Mul', name, [product, graph.scalar('half', 0.5)]);
    }
  }
}

const windows = ({ size, stride }: Pool) => [
  integersAttribute('kernel_shape', size),
  integersAttribute('strides', stride),
];

/** The rows of the dense kernel that follows are in the order height, width, channels. */
function addFlatten(graph: GraphBuilder, x: string, name: string): string {
  return graph.node(
    'Flatten',
    name,
    [graph.node('Transpose', `${name}/channels_last`, [x], [channelsLast])],
    [firstAxis],
  );
}
