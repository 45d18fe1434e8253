import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from './kernel.js';

/** a + b * factor */
const plusScaled = (a: tf.Tensor, b: tf.Tensor, factor: number | tf.Tensor): tf.Tensor => tf.add(a, tf.mul(b, factor));

export const sgd: Kernel<'sgd'> = (op, { tensor }) => {
  const w = tensor(op.update.w);
  const g = plusScaled(tensor(op.in.g), w, op.weightDecay);
  const moved = (direction: tf.Tensor) => tf.sub(w, tf.mul(direction, tensor(op.in.learningRate)));
  if (op.update.v === null) return { w: moved(g), v: null };
  const v = plusScaled(g, tensor(op.update.v), op.momentum);
  return { w: moved(op.nesterov ? plusScaled(g, v, op.momentum) : v), v };
};

export const adam: Kernel<'adam'> = (op, { tensor, host }) => {
  const learningRate = tensor(op.in.learningRate);
  const t = (host(op.in.step)[0] as number) + 1;
  const before = tensor(op.update.w);
  const gradient = tensor(op.in.g);
  const w = op.decoupled ? tf.sub(before, tf.mul(before, tf.mul(learningRate, op.weightDecay))) : before;
  const g = op.decoupled ? gradient : plusScaled(gradient, before, op.weightDecay);

  const m = plusScaled(tf.mul(tensor(op.update.m), op.beta1), g, 1 - op.beta1);
  const v = plusScaled(tf.mul(tensor(op.update.v), op.beta2), tf.square(g), 1 - op.beta2);
  const mHat = tf.div(m, 1 - op.beta1 ** t);
  const vHat = tf.div(v, 1 - op.beta2 ** t);
  const change = tf.div(mHat, tf.add(tf.sqrt(vHat), op.epsilon));
  return { w: tf.sub(w, tf.mul(change, learningRate)), m, v };
};

export const lookahead: Kernel<'lookahead'> = (op, { tensor, host }) => {
  const [decay = 1, pull = 0] = host(op.in.blend);
  const before = tensor(op.update.w);
  const slow = plusScaled(tf.mul(tensor(op.update.slow), decay), before, 1 - decay);
  return { slow, w: plusScaled(tf.mul(slow, pull), before, 1 - pull) };
};

export const ema: Kernel<'ema'> = (op, { tensor, host }) => {
  const [kept = 1, taken = 0] = host(op.in.shares);
  return { average: plusScaled(tf.mul(tensor(op.update.average), kept), tensor(op.in.w), taken) };
};
