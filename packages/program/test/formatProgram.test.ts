import { buildPredictProgram, formatProgram } from '@trainyard/program';
import { expect, it } from 'vitest';
import { modelOf, trainOptions } from './models.js';

it('prints a program that can be read', () => {
  const model = modelOf([{ type: 'flatten' }, { type: 'dense', units: 4 }, { type: 'activation' }], [2, 2, 1]);
  const normalization = { mean: [0.5], std: [0.25] };
  const program = buildPredictProgram({ ...trainOptions(model), normalization, split: 'test' });
  expect(formatProgram(program)).toBe(`program predict
  persistent dataset/test/images u8[12,2,2,1]
  feed feed/indices i32[4]
  view flatten_1/y f32[4,4] of batch/images
  persistent dense_1/kernel f32[4,4]
  persistent dense_1/bias f32[4]
  persistent probabilities f32[4,4]
  batch/images f32[4,2,2,1] = gatherImages(images: dataset/test/images, indices: feed/indices, step: none, epoch: none) mean [0.5] std [0.25] random {"seed":0,"stream":196608}
  activation_1/y f32[4,4] = dense(x: flatten_1/y, w: dense_1/kernel, b: dense_1/bias) activation {"kind":"relu","slope":0.01}
  probabilities f32[4,4] = softmax(x: activation_1/y)
`);
});
