import * as tf from '@tensorflow/tfjs-core';
import type { Padding } from '@trainyard/program';
import { activate } from './activation.js';
import type { Kernel } from './kernel.js';

/**
 * Padding is asymmetric, which not every kernel of every backend takes: so the input is padded first and the convolution
 * is `valid`.
 */
const padded = (x: tf.Tensor, { top, bottom, left, right }: Padding): tf.Tensor4D =>
  tf.pad(x as tf.Tensor4D, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);

export const conv2d: Kernel<'conv2d'> = (op, { tensor }) => {
  const { stride, padding } = op.convolution;
  const w = tensor(op.in.w) as tf.Tensor4D;
  const y = tf.conv2d(padded(tensor(op.in.x), padding), w, [...stride], 'valid');
  return { y: activate(op.in.b === null ? y : tf.add(y, tensor(op.in.b)), op.activation) };
};

export const conv2dGradInput: Kernel<'conv2dGradInput'> = (op, { tensor, shape }) => {
  const { stride, padding } = op.convolution;
  const [batch = 0, height = 0, width = 0, channels = 0] = shape(op.out.dx);
  const { top, bottom, left, right } = padding;
  const dy = tensor(op.in.dy) as tf.Tensor4D;
  const w = tensor(op.in.w) as tf.Tensor4D;
  const paddedShape: [number, number, number, number] = [batch, height + top + bottom, width + left + right, channels];
  const dxPadded = tf.conv2dTranspose(dy, w, paddedShape, [...stride], 'valid');
  return { dx: tf.slice(dxPadded, [0, top, left, 0], [batch, height, width, channels]) };
};

export const conv2dGradFilter: Kernel<'conv2dGradFilter'> = (op, { tensor, shape }) => {
  const { stride, padding } = op.convolution;
  const dy = tensor(op.in.dy);
  const inputs = { x: padded(tensor(op.in.x), padding), dy };
  // Not among the library's public functions, but a kernel of each of its backends.
  const dw = tf.engine().runKernel<tf.Tensor>(tf.Conv2DBackpropFilter, inputs, {
    strides: [...stride],
    pad: 'valid',
    dataFormat: 'NHWC',
    filterShape: [...shape(op.out.dw)],
  });
  return { dw, db: op.out.db === null ? null : tf.sum(dy, [0, 1, 2]) };
};
