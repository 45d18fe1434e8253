import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from '@trainyard/program';
import type { Kernel } from './kernel.js';

/** The distribution function of the standard normal distribution. */
const normalCdf = (x: tf.Tensor): tf.Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);

/** The density of the standard normal distribution. */
const normalPdf = (x: tf.Tensor): tf.Tensor => tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));

/** `x` itself where there is no activation. */
export function activate(x: tf.Tensor, activation: Activation | null): tf.Tensor {
  switch (activation?.kind) {
    case undefined:
      return x;
    case 'relu':
      return tf.relu(x);
    case 'leakyRelu':
      return tf.leakyRelu(x, activation?.slope);
    case 'tanh':
      return tf.tanh(x);
    case 'sigmoid':
      return tf.sigmoid(x);
    case 'gelu':
      return tf.mul(x, normalCdf(x));
  }
}

/** From the output of the activation; of gelu, from its input. Where relu returned 0, dx is 0 whatever dy is. */
function gradient(dy: tf.Tensor, saved: tf.Tensor, { kind, slope }: Activation): tf.Tensor {
  switch (kind) {
    case 'relu':
      return tf.where(tf.lessEqual(saved, 0), 0, dy);
    case 'leakyRelu':
      return tf.where(tf.greater(saved, 0), dy, tf.mul(dy, slope));
    case 'tanh':
      return tf.mul(dy, tf.sub(1, tf.square(saved)));
    case 'sigmoid':
      return tf.mul(dy, tf.mul(saved, tf.sub(1, saved)));
    case 'gelu':
      return tf.mul(dy, tf.add(normalCdf(saved), tf.mul(saved, normalPdf(saved))));
  }
}

export const activation: Kernel<'activation'> = (op, { tensor }) => ({
  y: activate(tensor(op.in.x), op.activation),
});

export const activationGrad: Kernel<'activationGrad'> = (op, { tensor }) => ({
  dx: gradient(tensor(op.in.dy), tensor(op.in.saved), op.activation),
});

export const add: Kernel<'add'> = (op, { tensor }) => ({ y: tf.add(tensor(op.in.a), tensor(op.in.b)) });

export const scale: Kernel<'scale'> = (op, { tensor }) => ({ y: tf.mul(tensor(op.in.x), op.factor) });

export const concatenate: Kernel<'concatenate'> = (op, { tensor, shape }) => {
  const inputs = Object.values(op.in).filter((slot) => slot !== null);
  return { y: tf.concat(inputs.map(tensor), shape(op.out.y).length - 1) };
};

export const slice: Kernel<'slice'> = (op, { tensor, shape }) => {
  const size = shape(op.out.y);
  return { y: tf.slice(tensor(op.in.x), [...size.slice(0, -1).map(() => 0), op.from], [...size]) };
};

/** A factor a channel, [B,C], for maps [B,H,W,C]. */
const overMap = (s: tf.Tensor): tf.Tensor => tf.reshape(s, [s.shape[0] as number, 1, 1, s.shape[1] as number]);

export const scaleChannels: Kernel<'scaleChannels'> = (op, { tensor }) => ({
  y: tf.mul(tensor(op.in.x), overMap(tensor(op.in.s))),
});

export const scaleChannelsGrad: Kernel<'scaleChannelsGrad'> = (op, { tensor }) => ({
  ds: tf.sum(tf.mul(tensor(op.in.x), tensor(op.in.dy)), [1, 2]),
});
