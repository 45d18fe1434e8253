import type { Layer } from '@trainyard/contracts';

/** How a weight starts: PyTorch's defaults, so that the article's runs can be repeated. */
export type Initializer =
  | { type: 'zeros' }
  | { type: 'ones' }
  /** Uniform in [-bound, bound); bound = 1 / sqrt(fan in), for kernels and biases alike. */
  | { type: 'uniform'; bound: number }
  /** A convolution's kernel: filter o passes input channel o through; those beyond the input channels as uniform. */
  | { type: 'dirac'; bound: number }
  /** Computed from the training images, see training/whitening.ts; as uniform where there are none. */
  | { type: 'whitening'; bound: number };

/** A weight of a model. Kernels are HWIO `[height, width, in, out]` or `[in, out]`, as in TensorFlow.js. */
export interface Weight {
  /** Unique in the model and the name in checkpoints, e.g. `conv2d_1/kernel`, `batch_normalization_2/moving_mean`. */
  name: string;
  shape: number[];
  initializer: Initializer;
  /** False for the running statistics of batch norm, and for what keeps its first values. */
  trainable: boolean;
  /** Epochs in which it changes; null: all; 0: it keeps its first values. */
  epochs: number | null;
}

/** A layer whose shapes are known. Shapes are without the batch: `[height, width, channels]` or `[units]`. */
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
  /** Pixels added around the input of a convolution; zero for all else. */
  padding: { top: number; bottom: number; left: number; right: number };
  /** Forward multiply-adds counted as two, one image. */
  flops: number;
  /** The layers inside a residual; empty for all else. */
  children: ResolvedLayer[];
}

/** An architecture for one input shape and number of classes: all shapes known and found to fit. */
export interface Model {
  /** Preset name, or `custom`. */
  name: string;
  /** `[height, width, channels]` */
  inputShape: [number, number, number];
  classes: number;
  layers: ResolvedLayer[];
  /** All weights, trainable or not, in order. */
  weights: Weight[];
  /** Number of trainable values, as papers count parameters (frozen kernels and batch norm's running statistics left out). */
  parameters: number;
  /** Forward, one image. */
  flops: number;
}
