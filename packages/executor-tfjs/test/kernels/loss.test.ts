import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { softmaxCrossEntropy } from '../../src/kernels/loss.js';
import { openSession } from '../programs.js';

const results = [
  { share: 1, loss: 0.77690482, gradient: [0.2159, -0.2345, 0.0186, 0.0599, -0.0458, -0.0141] },
  { share: 0.7, loss: 1.77740264, gradient: [0.1855, -0.0772, -0.1082, 0.0777, -0.2809, 0.2032] },
];

it.each(results)(
  'the loss is PyTorch’s for class probabilities: weights, smoothing, share $share',
  async (expected) => {
    const session = await openSession();
    // PyTorch 1.13: t = full((2, 3), 0.2 / 3); t[[0, 1], y] += 0.8 share; t[[0, 1], y[::-1]] += 0.8 (1 - share);
    // cross_entropy(x, t, weight=[0.5, 2, 1]).backward()
    const slots = [tf.tensor2d([1, 2, -0.5, 0.3, -1, 2], [2, 3]), tf.tensor1d([1, 2], 'int32')];
    const { loss, dlogits } = softmaxCrossEntropy(
      {
        kind: 'softmaxCrossEntropy',
        in: { logits: 0, labels: 1, mixing: expected.share === 1 ? null : 5 },
        out: { loss: 2, hits: 3, dlogits: 4 },
        labelSmoothing: 0.2,
        classWeights: [0.5, 2, 1],
      },
      {
        tensor: (slot) => slots[slot] as tf.Tensor,
        host: () => Float32Array.of(0, expected.share, 0, 0, 0, 0),
        shape: () => [],
      },
    );
    expect(loss.dataSync()[0]).toBeCloseTo(expected.loss, 6);
    expect(Array.from(dlogits?.dataSync() ?? [], (value) => Math.round(1e4 * value) / 1e4)).toEqual(expected.gradient);
    await session.close();
  },
);
