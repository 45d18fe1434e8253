import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { softmaxCrossEntropy } from '../../src/kernels/loss.js';
import { openSession } from '../programs.js';

it('the loss with class weights and label smoothing is PyTorch’s for class probabilities', async () => {
  const session = await openSession();
  // PyTorch 1.13: t = full((2, 3), 0.2 / 3); t[range(2), y] += 0.8; cross_entropy(x, t, weight=[0.5, 2, 1]).backward()
  const slots = [tf.tensor2d([1, 2, -0.5, 0.3, -1, 2], [2, 3]), tf.tensor1d([1, 2], 'int32')];
  const { loss, dlogits } = softmaxCrossEntropy(
    {
      kind: 'softmaxCrossEntropy',
      in: { logits: 0, labels: 1 },
      out: { loss: 2, hits: 3, dlogits: 4 },
      labelSmoothing: 0.2,
      classWeights: [0.5, 2, 1],
    },
    { tensor: (slot) => slots[slot] as tf.Tensor, host: () => new Float32Array(), shape: () => [] },
  );
  expect(loss.dataSync()[0]).toBeCloseTo(0.776904821, 6);
  const gradient = [0.2159, -0.2345, 0.0186, 0.0599, -0.0458, -0.0141];
  expect(Array.from(dlogits?.dataSync() ?? [], (value) => Math.round(1e4 * value) / 1e4)).toEqual(gradient);
  await session.close();
});
