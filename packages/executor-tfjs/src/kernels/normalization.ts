import * as tf from '@tensorflow/tfjs-core';
import type { SlotId } from '@trainyard/program';
import type { Kernel, Operands } from './kernel.js';

/** All axes but the last. */
const axes = (x: tf.Tensor): number[] => x.shape.slice(0, -1).map((_, axis) => axis);

const elementsPerChannel = (x: tf.Tensor): number => x.size / (x.shape.at(-1) as number);

/** gamma x; x where there is no gamma. */
const scaled = (x: tf.Tensor, gamma: SlotId | null, tensor: Operands['tensor']): tf.Tensor =>
  gamma === null ? x : tf.mul(x, tensor(gamma));

export const batchNorm: Kernel<'batchNorm'> = (op, { tensor }) => {
  const x = tensor(op.in.x);
  const { mean, variance } = tf.moments(x, axes(x));
  const invStd = tf.rsqrt(tf.add(variance, op.epsilon));
  const normalized = tf.mul(tf.sub(x, mean), invStd);
  const y = tf.add(scaled(normalized, op.in.gamma, tensor), tensor(op.in.beta));

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
  return { y: tf.add(scaled(normalized, op.in.gamma, tensor), tensor(op.in.beta)) };
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
  const dx = tf.mul(centred, scaled(invStd, op.in.gamma, tensor));
  return { dx, dgamma: op.out.dgamma === null ? null : dgamma, dbeta };
};
