import * as tf from '@tensorflow/tfjs-core';
import { type Randomness, randomWords, toUnit } from '@trainyard/program';
import type { Kernel } from './kernel.js';

/** 1/(1 - rate) for elements that are kept, 0 for those that are dropped; one draw for each element. */
function mask(shape: number[], rate: number, { seed, stream }: Randomness, step: number): tf.Tensor {
  const words = randomWords(tf.util.sizeFromShape(shape), seed, stream, step);
  const kept = 1 / (1 - rate);
  return tf.tensor(
    Float32Array.from(words, (word) => (toUnit(word) >= rate ? kept : 0)),
    shape,
  );
}

export const dropout: Kernel<'dropout'> = (op, { tensor, host }) => {
  const x = tensor(op.in.x);
  return { y: tf.mul(x, mask(x.shape, op.rate, op.random, host(op.in.step)[0] as number)) };
};

export const spatialDropout: Kernel<'spatialDropout'> = (op, { tensor, host }) => {
  const x = tensor(op.in.x);
  const [batch = 0] = x.shape;
  const channels = x.shape.at(-1) as number;
  const perChannel = [batch, ...x.shape.slice(1, -1).map(() => 1), channels];
  return { y: tf.mul(x, mask(perChannel, op.rate, op.random, host(op.in.step)[0] as number)) };
};
