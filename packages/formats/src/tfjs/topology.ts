import type { Model, ResolvedLayer } from '@trainyard/architectures';
import type { Layer } from '@trainyard/contracts';
import { storageOf } from './groupedKernels.js';

/**
 * A model as Keras JSON, which TensorFlow.js' `loadLayersModel` reads: a Sequential model, or a functional one where
 * layers have others inside. A softmax is added at the end, so that the loaded model predicts probabilities.
 */

interface KerasLayer {
  class_name: string;
  config: Record<string, unknown> & { name: string };
}

/** A layer of a functional model, with the layers whose outputs it takes. */
interface KerasNode extends KerasLayer {
  name: string;
  inbound_nodes: [name: string, node: number, tensor: number, kwargs: object][][];
}

/** Name of the input layer of a functional model. */
const inputName = 'input';

const keras = (class_name: string, name: string, config: Record<string, unknown> = {}): KerasLayer => ({
  class_name,
  config: { name, trainable: true, dtype: 'float32', ...config },
});

const conv2d = ({ name, inputShape }: ResolvedLayer, layer: Extract<Layer, { type: 'conv2d' }>): KerasLayer[] => {
  const channels = inputShape.at(-1) as number;
  const isDepthwise = storageOf(layer, channels) === 'depthwise';
  const convolution = keras(isDepthwise ? 'DepthwiseConv2D' : 'Conv2D', name, {
    ...(isDepthwise ? { depth_multiplier: layer.filters / channels } : { filters: layer.filters }),
    kernel_size: layer.kernel,
    strides: layer.stride,
    dilation_rate: layer.dilation,
    padding: layer.padding === 'same' ? 'same' : 'valid',
    data_format: 'channels_last',
    use_bias: layer.bias,
    activation: 'linear',
  });
  if (typeof layer.padding === 'string' || layer.padding === 0) return [convolution];
  // A convolution of Keras takes no number as its padding, and "same" pads unevenly where the stride is above one.
  const padding = [
    [layer.padding, layer.padding],
    [layer.padding, layer.padding],
  ];
  return [keras('ZeroPadding2D', `${name}_padding`, { padding, data_format: 'channels_last' }), convolution];
};

const activation = (name: string, layer: Extract<Layer, { type: 'activation' }>): KerasLayer =>
  layer.kind === 'leakyRelu'
    ? keras('LeakyReLU', name, { alpha: layer.slope })
    : keras('Activation', name, { activation: layer.kind });

const pool = (className: string, name: string, layer: { size: [number, number]; stride: [number, number] }) =>
  keras(className, name, {
    pool_size: layer.size,
    strides: layer.stride,
    padding: 'valid',
    data_format: 'channels_last',
  });

/** The chain of Keras layers for one layer that has no others inside. */
function kerasLayers(resolved: ResolvedLayer): KerasLayer[] {
  const { name, layer } = resolved;
  switch (layer.type) {
    case 'conv2d':
      return conv2d(resolved, layer);
    case 'batchNorm':
      // Keras' momentum is the weight of the old statistics, ours the weight of the new ones.
      return [
        keras('BatchNormalization', name, {
          axis: -1,
          momentum: 1 - layer.momentum,
          epsilon: layer.epsilon,
          scale: layer.scale,
        }),
      ];
    case 'activation':
      return [activation(name, layer)];
    case 'maxPool':
      return [pool('MaxPooling2D', name, layer)];
    case 'avgPool':
      return [pool('AveragePooling2D', name, layer)];
    case 'globalAvgPool':
      return [keras('GlobalAveragePooling2D', name, { data_format: 'channels_last' })];
    case 'dropout':
      return [keras('Dropout', name, { rate: layer.rate })];
    case 'spatialDropout':
      return [keras('Dropout', name, { rate: layer.rate, noise_shape: [null, 1, 1, null] })];
    case 'flatten':
      return [keras('Flatten', name)];
    case 'dense':
      return [keras('Dense', name, { units: layer.units, use_bias: layer.bias, activation: 'linear' })];
    case 'scale':
      return [keras('Rescaling', name, { scale: layer.factor, offset: 0 })];
    case 'squeezeExcite':
    case 'concatenate':
    case 'residual':
      throw new Error(`${layer.type} is not a chain of layers`);
  }
}

const softmax = keras('Activation', 'probabilities', { activation: 'softmax' });
const batchInputShape = (model: Model) => [null, ...model.inputShape];

function sequential(model: Model) {
  const [first, ...rest] = [...model.layers.flatMap(kerasLayers), softmax];
  const input = { batch_input_shape: batchInputShape(model) };
  const layers = [first && { ...first, config: { ...first.config, ...input } }, ...rest];
  return { class_name: 'Sequential', config: { name: model.name, layers } };
}

function functional(model: Model) {
  const input = keras('InputLayer', inputName, { batch_input_shape: batchInputShape(model), sparse: false });
  const nodes: KerasNode[] = [{ ...input, name: inputName, inbound_nodes: [] }];
  const append = (layer: KerasLayer, from: string[]): string => {
    const { name } = layer.config;
    nodes.push({ ...layer, name, inbound_nodes: [from.map((source) => [source, 0, 0, {}])] });
    return name;
  };
  const appendAll = (layers: readonly ResolvedLayer[], from: string): string =>
    layers.reduce((source, layer) => appendOne(layer, source), from);
  const appendOne = (resolved: ResolvedLayer, from: string): string => {
    const { name, layer, branches, inputShape } = resolved;
    const ends = branches.map((branch) => appendAll(branch, from));
    switch (layer.type) {
      case 'residual':
        return append(keras('Add', name), [from, ...ends]);
      case 'concatenate':
        return append(keras('Concatenate', name, { axis: -1 }), ends);
      case 'squeezeExcite': {
        const factors = append(keras('Reshape', `${name}_factors`, { target_shape: [1, 1, inputShape.at(-1)] }), ends);
        return append(keras('Multiply', name), [from, factors]);
      }
      default:
        return kerasLayers(resolved).reduce((source, each) => append(each, [source]), from);
    }
  };
  const end = append(softmax, [appendAll(model.layers, inputName)]);
  const ends = { input_layers: [[inputName, 0, 0]], output_layers: [[end, 0, 0]] };
  return { class_name: 'Functional', config: { name: model.name, layers: nodes, ...ends } };
}

/** `modelTopology` of a `model.json`. Layers, and therefore weights, have the same names as in `model`. */
export const kerasTopology = (model: Model) => ({
  keras_version: '2.15.0',
  backend: 'tensorflow',
  model_config: model.layers.some(({ branches }) => branches.length > 0) ? functional(model) : sequential(model),
});
