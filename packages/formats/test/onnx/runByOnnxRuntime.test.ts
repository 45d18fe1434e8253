import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { type Model, resolveModel } from '@trainyard/architectures';
import type { InputType } from '@trainyard/contracts';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeOnnx } from '../../src/index.js';
import { forward } from '../forward.js';
import { concatenates, customModel, provenanceOf, someWeights } from '../models.js';

// Without advice on the console.
beforeAll(() => tf.enableProdMode());

const batch = 3;

async function load(model: Model, input: InputType = 'float32') {
  const parts = encodeOnnx(model, someWeights(model), provenanceOf(model), input);
  return InferenceSession.create(Buffer.concat(parts), { intraOpNumThreads: 1 });
}

/** Compares the logits of ONNX Runtime with those of `forward`, and the probabilities with their softmax. */
async function expectEqualPredictions(model: Model) {
  const images = tf.randomNormal([batch, ...model.inputShape], 0, 1, 'float32', 11);
  const session = await load(model);
  const got = await session.run({ images: new Tensor('float32', images.dataSync(), images.shape) });
  const logits = forward(model, someWeights(model), images);
  expect(got.logits?.dims).toEqual([batch, model.classes]);
  expectClose(got.logits, logits);
  expectClose(got.probabilities, tf.softmax(logits));
}

function expectClose(got: Tensor | undefined, expected: tf.Tensor) {
  const values = Array.from(expected.dataSync());
  const largest = Math.max(1, ...values.map(Math.abs));
  const differences = values.map((value, i) => Math.abs(value - Number(got?.data[i])));
  expect(Math.max(...differences) / largest).toBeLessThan(1e-5);
}

describe('a model run by ONNX Runtime', () => {
  it('has the logits and probabilities of the layers, for every kind of plain layer', async () => {
    const model = customModel([13, 12, 3], 3, [
      { type: 'conv2d', filters: 4, kernel: 3, padding: 2, stride: 2 },
      { type: 'batchNorm', epsilon: 1e-3 },
      { type: 'activation', kind: 'gelu' },
      { type: 'conv2d', filters: 5, kernel: [3, 2], padding: 'same', stride: [1, 2], bias: false },
      { type: 'batchNorm', scale: false },
      { type: 'activation', kind: 'leakyRelu', slope: 0.2 },
      { type: 'conv2d', filters: 6, kernel: [3, 2], padding: 'same', dilation: [2, 3] },
      { type: 'conv2d', filters: 12, kernel: 3, padding: 'same', groups: 3 },
      { type: 'conv2d', filters: 12, kernel: 2, padding: 1, dilation: 2, groups: 12 },
      { type: 'spatialDropout' },
      { type: 'avgPool', size: [2, 1], stride: 1 },
      { type: 'activation', kind: 'tanh' },
      { type: 'maxPool', size: [3, 2], stride: [2, 1] },
      { type: 'dropout' },
      { type: 'flatten' },
      { type: 'flatten' },
      { type: 'dense', units: 6, bias: false },
      { type: 'batchNorm' },
      { type: 'activation', kind: 'sigmoid' },
      { type: 'dense', units: 3 },
      { type: 'scale', factor: 3 },
    ]);
    await expectEqualPredictions(model);
  });

  it('has those of the layers with residuals, of a map and of values', async () => {
    const model = customModel([7, 6, 1], 2, [
      { type: 'conv2d', filters: 4, kernel: 3 },
      {
        type: 'residual',
        layers: [{ type: 'conv2d', filters: 4, padding: 1 }, { type: 'batchNorm' }, { type: 'activation' }],
      },
      { type: 'residual', layers: [{ type: 'dropout' }] },
      { type: 'globalAvgPool' },
      { type: 'residual', layers: [{ type: 'dense', units: 4 }] },
      { type: 'dense', units: 2 },
      { type: 'dropout' },
    ]);
    await expectEqualPredictions(model);
  });

  it('has those of the layers with concatenates, of maps and of values, nested too', async () => {
    const model = customModel([7, 6, 3], 2, [...concatenates, { type: 'dense', units: 2 }]);
    await expectEqualPredictions(model);
  });

  it('has those of the layers with factors of channels, in a residual too', async () => {
    const model = customModel([7, 6, 3], 2, [
      { type: 'squeezeExcite', reduction: 2 },
      { type: 'conv2d', filters: 4, kernel: 3 },
      {
        type: 'residual',
        layers: [
          { type: 'conv2d', filters: 4, padding: 1 },
          { type: 'squeezeExcite', reduction: 4, activation: 'gelu' },
        ],
      },
      { type: 'globalAvgPool' },
      { type: 'dense', units: 2 },
    ]);
    await expectEqualPredictions(model);
  });

  it.each([
    ['lenet', [44, 54, 1]],
    ['cnn3', [28, 28, 1]],
  ] as const)('has those of the layers of %s, changed for images of %j', async (preset, shape) => {
    const { model } = resolveModel(preset, [...shape], 3);
    if (!model) throw new Error(`${preset} does not fit`);
    await expectEqualPredictions(model);
  });

  it('that takes pixels has the logits of the normalised pixels', async () => {
    const model = customModel([5, 4, 3], 4, [{ type: 'flatten' }, { type: 'dense', units: 4 }]);
    const { mean, std } = provenanceOf(model).normalization;
    const pixels = Uint8Array.from({ length: 2 * 5 * 4 * 3 }, (_, i) => (i * 37) % 256);
    const images = tf.div(tf.sub(tf.div(tf.tensor(pixels, [2, 5, 4, 3]), 255), mean), std);
    const session = await load(model, 'uint8');
    const got = await session.run({ images: new Tensor('uint8', pixels, [2, 5, 4, 3]) });
    expectClose(got.logits, forward(model, someWeights(model), images));
  });

  it('has one name for its input, and names for the dimension of the batch', async () => {
    const session = await load(customModel([5, 4, 3], 2, [{ type: 'flatten' }, { type: 'dense', units: 2 }]));
    expect(session.inputMetadata).toMatchObject([{ name: 'images', type: 'float32', shape: ['batch', 5, 4, 3] }]);
    expect(session.outputNames).toEqual(['logits', 'probabilities']);
  });
});
