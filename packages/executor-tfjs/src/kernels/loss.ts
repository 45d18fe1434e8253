import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from './kernel.js';

export const softmaxCrossEntropy: Kernel<'softmaxCrossEntropy'> = (op, { tensor, host }) => {
  const logits = tensor(op.in.logits) as tf.Tensor2D;
  const labels = tensor(op.in.labels) as tf.Tensor1D;
  const [batch, classes] = logits.shape;
  const smoothing = op.labelSmoothing;
  const own = tf.oneHot(labels, classes);
  const share = op.in.mixing === null ? 1 : (host(op.in.mixing)[1] as number);
  const mixed = tf.add(tf.mul(own, share), tf.mul(tf.reverse(own, 0), 1 - share));
  const shares = tf.add(tf.mul(op.in.mixing === null ? own : mixed, 1 - smoothing), smoothing / classes);
  const targets = op.classWeights === null ? shares : tf.mul(shares, tf.tensor1d([...op.classWeights]));
  // Without weights they add up to 1.
  const sums = op.classWeights === null ? 1 : tf.sum(targets, 1, true);
  const logProbabilities = tf.logSoftmax(logits);
  // A class of probability 0 adds nothing where it is no target, also where its logarithm is -infinity.
  const terms = tf.where(tf.equal(targets, 0), 0, tf.mul(targets, logProbabilities));
  const hits = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), 'float32'));
  return {
    loss: tf.div(tf.neg(tf.sum(terms)), batch),
    hits,
    dlogits: op.out.dlogits === null ? null : tf.div(tf.sub(tf.mul(tf.exp(logProbabilities), sums), targets), batch),
  };
};

export const softmax: Kernel<'softmax'> = (op, { tensor }) => ({ y: tf.softmax(tensor(op.in.x)) });

export const accumulate: Kernel<'accumulate'> = (op, { tensor }) => {
  const step = tf.stack([tf.mul(tensor(op.in.loss), op.count), tensor(op.in.hits), tf.scalar(op.count)]);
  return { totals: tf.add(tensor(op.update.totals), step) };
};

export const confusion: Kernel<'confusion'> = (op, { tensor }) => {
  const logits = tensor(op.in.logits);
  const classes = logits.shape[1] as number;
  const predicted = tf.argMax(logits, 1) as tf.Tensor1D;
  const counts = tf.math.confusionMatrix(tensor(op.in.labels) as tf.Tensor1D, predicted, classes);
  return { counts: tf.add(tensor(op.update.counts), counts) };
};

export const topHits: Kernel<'topHits'> = (op, { tensor }) => {
  const logits = tensor(op.in.logits) as tf.Tensor2D;
  const labels = tf.expandDims(tensor(op.in.labels), 1);
  const classes = tf.expandDims(tf.range(0, logits.shape[1], 1, 'int32'), 0);
  const isLabel = tf.equal(classes, labels);
  const own = tf.sum(tf.where(isLabel, logits, 0), 1, true);
  const ties = tf.logicalAnd(tf.equal(logits, own), tf.less(classes, labels));
  // A comparison with NaN is false.
  const larger = tf.logicalAnd(tf.logicalNot(tf.lessEqual(logits, own)), tf.logicalNot(isLabel));
  const before = tf.sum(tf.cast(tf.logicalOr(larger, ties), 'int32'), 1);
  const hits = tf.sum(tf.cast(tf.less(before, op.k), 'int32'));
  return { count: tf.add(tensor(op.update.count), hits) };
};
