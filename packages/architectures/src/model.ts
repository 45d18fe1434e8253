import type { Layer } from '@trainyard/contracts';
import type { MapShape, Sides } from './resolve/shapes.js';

/** Initial values of a weight. The defaults are PyTorch's, so that the article's runs can be repeated. */
export type Initializer =
  | { type: 'zeros' }
  | { type: 'ones' }
  /** Uniform in [-bound, bound) with bound = 1/sqrt(fan in), for kernels and biases. */
  | { type: 'uniform'; bound: number }
  /**
   * Only for kernels of convolutions: filter o of each group returns input channel o of the group unchanged. The
   * filters beyond the number of the group's channels are uniform.
   */
  | { type: 'dirac'; bound: number; groups: number }
  /** Computed from the training images (`whitening` in the package `training`); uniform where there are none. */
  | { type: 'whitening'; bound: number };

/** A weight of a model. Kernels are HWIO `[height, width, in, out]` or `[in, out]`, as in TensorFlow.js. */
export interface Weight {
  /** Unique in the model; its name in checkpoints, e.g. `conv2d_1/kernel` or `batch_normalization_2/moving_mean`. */
  name: string;
  shape: number[];
  initializer: Initializer;
  /** False for the running statistics of batch norm, and for weights that keep their initial values. */
  trainable: boolean;
  /** Number of epochs in which it is trained; null: all; 0: it keeps its initial values. */
  epochs: number | null;
}

/** A layer whose shapes are known. Shapes exclude the batch: `[height, width, channels]` or `[units]`. */
export interface ResolvedLayer {
  /** JSON pointer into the layer list, e.g. `/layers/4/layers/0`. */
  pointer: string;
  /** Unique name in Keras style: `conv2d_1`, `dense_2`. */
  name: string;
  layer: Layer;
  inputShape: number[];
  outputShape: number[];
  /** In the order of TensorFlow.js: kernel, bias; gamma, beta, moving_mean, moving_variance. */
  weights: Weight[];
  /** Pixels added around the input of a convolution; zero for all other layers. */
  padding: Sides;
  /** Of the forward pass of one image; a multiply-add counts as two. */
  flops: number;
  /**
   * Lists of layers inside this one, which each begin with its input: the branches of a concatenate, the layers of a
   * residual, those that compute the factors of a squeezeExcite; none for all other layers.
   */
  branches: ResolvedLayer[][];
}

/** An architecture for one input shape and number of classes, whose shapes are known and fit. */
export interface Model {
  /** Preset name, or `custom`. */
  name: string;
  /** `[height, width, channels]` */
  inputShape: MapShape;
  classes: number;
  /** How a preset differs from its list of layers because of the size or channels of the images; empty: it does not. */
  changes: string[];
  layers: ResolvedLayer[];
  /** All weights, trainable or not, in order. */
  weights: Weight[];
  /** Number of trainable values, as papers count parameters: without frozen kernels and running statistics. */
  parameters: number;
  /** Of the forward pass of one image. */
  flops: number;
}
