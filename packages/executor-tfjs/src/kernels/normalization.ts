import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from './kernel.js';

/** All axes but the last. */
const axes = (x: tf.Tensor): number[] => x.shape.slice(0, -1).map((_, axis) => axis);

const elementsPerChannel = (x: tf.Tensor): number => x.size / (x.shape.at(-1) as number);

export const batchNorm: Kernel<'batchNorm'> = (op, { tensor }) => {
  const x = tensor(op.in.x);
  const { mean, variance } = tf.moments(x, axes(x));
  const invStd = tf.rsqrt(tf.add(variance, op.epsilon));
  const normalized = tf.mul(tf.sub(x, mean), invStd);
  const y = tf.add(tf.mul(normalized, tensor(op.in.gamma)), tensor(op.in.beta));

  const n = elementsPerChannel(x);
  const unbiased = tf.mul(variance, n / Math.max(n - 1, 1));
  const moved = (running: tf.Tensor, batch: tf.Tensor) => tf.add(running, tf.mul(tf.sub(batch, running), op.momentum));
  return {
    y,
    mean,
    invStd,
    runningMean: moved(tensor(op.update.runningMean), mean),
    runningVariance: moved(tensor(op.update.runningVariance), unbiased),
  };
};

export const batchNormInference: Kernel<'batchNormInference'> = (op, { tensor }) => {
  const invStd = tf.rsqrt(tf.add(tensor(op.in.runningVariance), op.epsilon));
  const normalized = tf.mul(tf.sub(tensor(op.in.x), tensor(op.in.runningMean)), invStd);
  return { y: tf.add(tf.mul(normalized, tensor(op.in.gamma)), tensor(op.in.beta)) };
};

/** dx = gamma invStd (dy - mean(dy) - xhat mean(dy xhat)), the means over all elements of a channel. */
export const batchNormGrad: Kernel<'batchNormGrad'> = (op, { tensor }) => {
  const x = tensor(op.in.x);
  const dy = tensor(op.in.dy);
  const invStd = tensor(op.in.invStd);
  const normalized = tf.mul(tf.sub(x, tensor(op.in.mean)), invStd);
  const dbeta = tf.sum(dy, axes(x));
  const dgamma = tf.sum(tf.mul(dy, normalized), axes(x));
  const n = elementsPerChannel(x);
  const centred = tf.sub(tf.sub(dy, tf.div(dbeta, n)), tf.mul(normalized, tf.div(dgamma, n)));
  return { dx: tf.mul(centred, tf.mul(tensor(op.in.gamma), invStd)), dgamma, dbeta };
};
