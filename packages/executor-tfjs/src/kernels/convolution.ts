import * as tf from '@tensorflow/tfjs-core';
import type { Padding } from '@trainyard/program';
import { activate } from './activation.js';
import type { Kernel } from './kernel.js';

/**
 * Padding is asymmetric, which not every kernel of every backend supports; so the input is padded first, and the
 * convolution is `valid`.
 */
const padded = (x: tf.Tensor, { top, bottom, left, right }: Padding): tf.Tensor4D =>
  tf.pad(x as tf.Tensor4D, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);

const covers = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** Computes each group alone, since the library's kernels know none; the last axis of all tensors has the groups. */
function perGroup(
  groups: number,
  a: tf.Tensor4D,
  b: tf.Tensor4D,
  compute: (a: tf.Tensor4D, b: tf.Tensor4D) => tf.Tensor,
): tf.Tensor {
  if (groups === 1) return compute(a, b);
  const parts = tf.split<tf.Tensor4D>(b, groups, 3);
  return tf.concat(
    tf.split<tf.Tensor4D>(a, groups, 3).map((part, i) => compute(part, parts[i] as tf.Tensor4D)),
    3,
  );
}

export const conv2d: Kernel<'conv2d'> = (op, { tensor }) => {
  const { stride, dilation, padding, groups } = op.convolution;
  const y = perGroup(groups, padded(tensor(op.in.x), padding), tensor(op.in.w) as tf.Tensor4D, (x, w) =>
    tf.conv2d(x, w, [...stride], 'valid', 'NHWC', [...dilation]),
  );
  return { y: activate(op.in.b === null ? y : tf.add(y, tensor(op.in.b)), op.activation) };
};

export const conv2dGradInput: Kernel<'conv2dGradInput'> = (op, { tensor, shape }) => {
  const { stride, dilation, padding, groups } = op.convolution;
  const [batch = 0, height = 0, width = 0, channels = 0] = shape(op.out.dx);
  const { top, bottom, left, right } = padding;
  const paddedShape: Shape4D = [batch, height + top + bottom, width + left + right, channels / groups];
  const isDilated = dilation.some((distance) => distance > 1);
  const dxPadded = perGroup(groups, tensor(op.in.dy) as tf.Tensor4D, tensor(op.in.w) as tf.Tensor4D, (dy, w) =>
    isDilated
      ? gradInputByElement(dy, w, paddedShape, dilation)
      : tf.conv2dTranspose(dy, w, paddedShape, [...stride], 'valid'),
  );
  return { dx: tf.slice(dxPadded, [0, top, left, 0], [batch, height, width, channels]) };
};

type Shape4D = [number, number, number, number];

/**
 * The library's kernel knows no dilation, and zeros in the gaps of the filter would spread NaN, so this adds up what
 * passes each element of the filter. For strides of 1, the only ones of convolutions with a dilation.
 */
function gradInputByElement(
  dy: tf.Tensor4D,
  w: tf.Tensor4D,
  [, height, width]: Shape4D,
  [down, across]: readonly [number, number],
): tf.Tensor4D {
  const [, rows, columns] = dy.shape;
  const [kernelHeight, kernelWidth, channels, filters] = w.shape;
  const parts: tf.Tensor4D[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const element = tf.transpose(tf.slice(w, [i, j, 0, 0], [1, 1, channels, filters]), [0, 1, 3, 2]);
      const [top, left] = [i * down, j * across];
      const margins = { top, left, bottom: height - rows - top, right: width - columns - left };
      parts.push(padded(tf.conv2d(dy, element as tf.Tensor4D, 1, 'valid'), margins));
    }
  }
  return tf.addN(parts);
}

export const conv2dGradFilter: Kernel<'conv2dGradFilter'> = (op, { tensor, shape }) => {
  const { stride, dilation, padding, groups } = op.convolution;
  const dy = tensor(op.in.dy) as tf.Tensor4D;
  const x = padded(tensor(op.in.x), padding);
  // On the plain backend the kernel of the gradient takes ten times as long as that of the convolution.
  const gradient = tf.getBackend() === 'cpu' ? filterGradientByConvolution : filterGradient;
  const [height = 0, width = 0, channels = 0, filters = 0] = shape(op.out.dw);
  const covered = [covers(height, dilation[0]), covers(width, dilation[1]), channels, filters / groups];
  const dw = perGroup(groups, x, dy, (xOfGroup, dyOfGroup) =>
    tf.stridedSlice(gradient(xOfGroup, dyOfGroup, covered, stride), [0, 0, 0, 0], covered, [...dilation, 1, 1]),
  );
  return { dw, db: op.out.db === null ? null : tf.sum(dy, [0, 1, 2]) };
};

type FilterGradient = (
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  filterShape: readonly number[],
  stride: readonly [number, number],
) => tf.Tensor;

/** The library has no public function for it, but each of its backends has the kernel. */
export const filterGradient: FilterGradient = (x, dy, filterShape, stride) =>
  tf
    .engine()
    .runKernel<tf.Tensor>(
      tf.Conv2DBackpropFilter,
      { x, dy },
      { strides: [...stride], pad: 'valid', dataFormat: 'NHWC', filterShape: [...filterShape] },
    );

/**
 * The gradient of a filter is a convolution itself: of x, with batch and channels exchanged, by dy as the filter,
 * dilated by `stride`.
 */
export const filterGradientByConvolution: FilterGradient = (
  x,
  dy,
  [height = 0, width = 0, channels = 0, filters = 0],
  stride,
) => {
  const images = tf.transpose(x, [3, 1, 2, 0]);
  const filter = tf.transpose(dy, [1, 2, 0, 3]);
  const gradient = tf.conv2d(images, filter, 1, 'valid', 'NHWC', [...stride]);
  return tf.transpose(tf.slice(gradient, [0, 0, 0, 0], [channels, height, width, filters]), [1, 2, 0, 3]);
};

export const biasGrad: Kernel<'biasGrad'> = (op, { tensor }) => {
  const dy = tensor(op.in.dy);
  return { db: tf.sum(tf.reshape(dy, [-1, dy.shape.at(-1) as number]), 0) };
};
