import * as tf from '@tensorflow/tfjs-core';
import { activate } from './activation.js';
import type { Kernel } from './kernel.js';

export const dense: Kernel<'dense'> = (op, { tensor }) => {
  const y = tf.matMul(tensor(op.in.x), tensor(op.in.w));
  return { y: activate(op.in.b === null ? y : tf.add(y, tensor(op.in.b)), op.activation) };
};

export const denseGradInput: Kernel<'denseGradInput'> = (op, { tensor }) => ({
  dx: tf.matMul(tensor(op.in.dy), tensor(op.in.w), false, true),
});

export const denseGradFilter: Kernel<'denseGradFilter'> = (op, { tensor }) => {
  const dy = tensor(op.in.dy);
  return { dw: tf.matMul(tensor(op.in.x), dy, true, false), db: op.out.db === null ? null : tf.sum(dy, 0) };
};
