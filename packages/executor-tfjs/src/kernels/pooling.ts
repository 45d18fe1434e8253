import * as tf from '@tensorflow/tfjs-core';
import type { Window } from '@trainyard/program';
import type { Kernel } from './kernel.js';

const attributes = ({ size, stride }: Window) => ({ filterSize: [...size], strides: [...stride], pad: 'valid' });

/** The library's pools skip NaN. Here, as in PyTorch, NaN is the largest number. */
export const maxPool: Kernel<'maxPool'> = (op, { tensor }) => {
  const x = tensor(op.in.x);
  const largest = (of: tf.Tensor) => tf.maxPool(of as tf.Tensor4D, [...op.window.size], [...op.window.stride], 'valid');
  const hasNaN = tf.greater(largest(tf.cast(tf.isNaN(x), 'float32')), 0);
  return { y: tf.where(hasNaN, Number.NaN, largest(x)) };
};

/** In the same order: the library's gradient finds no largest pixel among NaN and -infinity. */
const comparable = (x: tf.Tensor): tf.Tensor =>
  tf.maximum(tf.where(tf.isNaN(x), Number.POSITIVE_INFINITY, x), -largestFloat);
const largestFloat = (2 - 2 ** -23) * 2 ** 127;

export const maxPoolGrad: Kernel<'maxPoolGrad'> = (op, { tensor }) => {
  const inputs = { dy: tensor(op.in.dy), input: comparable(tensor(op.in.x)), output: comparable(tensor(op.in.y)) };
  return { dx: tf.engine().runKernel<tf.Tensor>(tf.MaxPoolGrad, inputs, attributes(op.window)) };
};

export const avgPool: Kernel<'avgPool'> = (op, { tensor }) => ({
  y: tf.avgPool(tensor(op.in.x) as tf.Tensor4D, [...op.window.size], [...op.window.stride], 'valid'),
});

export const avgPoolGrad: Kernel<'avgPoolGrad'> = (op, { tensor, shape }) => {
  // The kernel reads only the shape of its input.
  const inputs = { dy: tensor(op.in.dy), input: tf.zeros([...shape(op.out.dx)]) };
  return { dx: tf.engine().runKernel<tf.Tensor>(tf.AvgPoolGrad, inputs, attributes(op.window)) };
};

export const globalAvgPool: Kernel<'globalAvgPool'> = (op, { tensor }) => ({ y: tf.mean(tensor(op.in.x), [1, 2]) });

export const globalAvgPoolGrad: Kernel<'globalAvgPoolGrad'> = (op, { tensor, shape }) => {
  const [batch = 0, height = 0, width = 0, channels = 0] = shape(op.out.dx);
  const share = tf.reshape(tf.div(tensor(op.in.dy), height * width), [batch, 1, 1, channels]);
  return { dx: tf.tile(share, [1, height, width, 1]) };
};
