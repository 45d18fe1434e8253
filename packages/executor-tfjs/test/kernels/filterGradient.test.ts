import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { filterGradient, filterGradientByConvolution } from '../../src/kernels/convolution.js';
import { openSession } from '../programs.js';

it.each([
  { x: [1, 5, 5, 1], w: [1, 1, 1, 1], stride: [1, 1], dy: [1, 5, 5, 1] },
  { x: [2, 7, 9, 3], w: [3, 2, 3, 5], stride: [1, 1], dy: [2, 5, 8, 5] },
  { x: [3, 8, 9, 2], w: [3, 3, 2, 4], stride: [2, 3], dy: [3, 3, 3, 4] },
] as const)('the gradient of a filter is the same by a convolution as by the kernel: $x, $w', async (shapes) => {
  const session = await openSession();
  const x = tf.randomNormal<tf.Rank.R4>([...shapes.x], 0, 1, 'float32', 1);
  const dy = tf.randomNormal<tf.Rank.R4>([...shapes.dy], 0, 1, 'float32', 2);
  const expected = filterGradient(x, dy, shapes.w, shapes.stride);
  const found = filterGradientByConvolution(x, dy, shapes.w, shapes.stride);
  expect(found.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]).toBeLessThan(1e-4);
  await session.close();
});
