import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { type Model, resolveModel } from '@trainyard/architectures';
import type { LayerInput } from '@trainyard/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, decodeWeights, encodeModelJson, type NamedTensor, storeWeights } from '../../src/index.js';
import { forward } from '../forward.js';
import { concatenates, customModel, modelOf, provenanceOf, someWeights } from '../models.js';

// Without advice on the console.
beforeAll(() => tf.enableProdMode());

/** Encodes a model and loads it the way a browser would. */
async function load(model: Model, weights: NamedTensor[]) {
  const stored = storeWeights(model, weights.toReversed());
  const json = JSON.parse(encodeModelJson(model, stored, provenanceOf(model)));
  const bytes = Buffer.concat(stored.map(bytesOf));
  return loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0].weights,
      weightData: Uint8Array.from(bytes).buffer,
      userDefinedMetadata: json.userDefinedMetadata,
    }),
  );
}

async function expectEqualPredictions(model: Model) {
  const weights = someWeights(model);
  const loaded = await load(model, weights);
  const images = tf.randomNormal([3, ...model.inputShape], 0, 1, 'float32', 11);
  const got = (loaded.predict(images) as tf.Tensor).dataSync();
  const expected = tf.softmax(forward(model, weights, images)).dataSync();
  expect(got.length).toBe(3 * model.classes);
  for (const [i, p] of got.entries()) expect(p).toBeCloseTo(expected[i] as number, 5);
  return loaded;
}

describe('a model loaded by TensorFlow.js', () => {
  it('predicts the same as the layers, for every kind of plain layer', async () => {
    const layers = [
      { type: 'conv2d', filters: 4, kernel: 3, padding: 2, stride: 2 },
      { type: 'batchNorm', epsilon: 1e-3 },
      { type: 'activation', kind: 'gelu' },
      { type: 'conv2d', filters: 5, kernel: [3, 2], padding: 'same', stride: 2, bias: false },
      { type: 'batchNorm', scale: false },
      { type: 'activation', kind: 'leakyRelu', slope: 0.2 },
      { type: 'conv2d', filters: 4, kernel: [3, 2], padding: 'same', dilation: [2, 3] },
      { type: 'conv2d', filters: 5, kernel: 2, padding: 1, dilation: 2 },
      { type: 'spatialDropout' },
      { type: 'avgPool', size: 2, stride: 1 },
      { type: 'activation', kind: 'tanh' },
      { type: 'maxPool', size: 2 },
      { type: 'dropout' },
      { type: 'flatten' },
      { type: 'dense', units: 6 },
      { type: 'activation', kind: 'sigmoid' },
      { type: 'dense', units: 3 },
      { type: 'scale', factor: 3 },
    ] as const;
    const map = (side: number, channels: number) => [side, side, channels];
    const shapes = [
      map(8, 4),
      map(8, 4),
      map(8, 4),
      map(4, 5),
      map(4, 5),
      map(4, 5),
      map(4, 4),
      map(4, 5),
      map(4, 5),
      map(3, 5),
      map(3, 5),
      map(1, 5),
    ];
    const vectors = [[1, 1, 5], [5], [6], [6], [3], [3]];
    await expectEqualPredictions(modelOf([13, 13, 3], structuredClone(layers) as never, [...shapes, ...vectors]));
  });

  it('predicts the same as the layers, with residuals', async () => {
    const block = [
      { type: 'conv2d', filters: 4, kernel: 3, padding: 1 },
      { type: 'batchNorm' },
      { type: 'activation', kind: 'relu' },
    ];
    const layers = [
      { type: 'conv2d', filters: 4, kernel: 3 },
      { type: 'residual', layers: block },
      { type: 'activation' },
      { type: 'residual', layers: [...block, ...block] },
      { type: 'globalAvgPool' },
      { type: 'dense', units: 5 },
    ];
    const map = [5, 5, 4];
    await expectEqualPredictions(modelOf([7, 7, 1], layers as never, [map, map, map, map, [4], [5]]));
  });

  it('predicts the same as the layers, with concatenates of maps and of values, nested too', async () => {
    const model = customModel([7, 9, 3], 5, [...concatenates, { type: 'dense', units: 5 }]);
    await expectEqualPredictions(model);
  });

  it('predicts the same as the layers, with factors of channels, in a residual too', async () => {
    const layers: LayerInput[] = [
      { type: 'conv2d', filters: 6, kernel: 3 },
      { type: 'squeezeExcite', reduction: 2 },
      {
        type: 'residual',
        layers: [
          { type: 'conv2d', filters: 6, padding: 'same', groups: 2 },
          { type: 'squeezeExcite', reduction: 4, activation: 'leakyRelu' },
        ],
      },
      { type: 'globalAvgPool' },
      { type: 'dense', units: 5 },
    ];
    const model = customModel([7, 9, 3], 5, layers);
    await expectEqualPredictions(model);
  });

  it.each([
    ['lenet', [44, 54, 1]],
    ['cnn3', [28, 28, 1]],
    ['resnet-photo', [64, 64, 3]],
  ] as const)('predicts the same as the layers of %s, changed for images of %j', async (preset, shape) => {
    const { model } = resolveModel(preset, [...shape], 3);
    if (!model) throw new Error(`${preset} does not fit`);
    await expectEqualPredictions(model);
  });

  it('predicts the same as the layers, with groups of channels', async () => {
    const layers: LayerInput[] = [
      { type: 'conv2d', filters: 6, kernel: [3, 2], padding: 'same', groups: 3 },
      { type: 'conv2d', filters: 12, kernel: 3, padding: 1, stride: 2, groups: 6 },
      { type: 'conv2d', filters: 8, kernel: 3, padding: 'same', groups: 4, bias: false },
      { type: 'conv2d', filters: 8, kernel: 2, padding: 1, dilation: 2, groups: 8 },
      { type: 'conv2d', filters: 16, kernel: 3, padding: 'same', stride: [1, 2], groups: 8 },
      { type: 'globalAvgPool' },
      { type: 'dense', units: 3 },
    ];
    const model = customModel([11, 12, 3], 3, layers);
    await expectEqualPredictions(model);
    const weights = someWeights(model);
    const stored = storeWeights(model, weights);
    expect(stored.filter(({ name }) => name.includes('kernel')).map(({ name, shape }) => `${name} ${shape}`)).toEqual([
      'conv2d_1/depthwise_kernel 3,2,3,2',
      'conv2d_2/depthwise_kernel 3,3,6,2',
      'conv2d_3/kernel 3,3,12,8',
      'conv2d_4/kernel 2,2,8,8',
      'conv2d_5/kernel 3,3,8,16',
      'dense_1/kernel 16,3',
    ]);
    const json = encodeModelJson(model, stored, provenanceOf(model));
    expect(decodeWeights(json, Buffer.concat(stored.map(bytesOf)))).toEqual(weights);
  });

  it('has its classes and the normalisation of images as metadata', async () => {
    const layers = [{ type: 'flatten' }, { type: 'dense', units: 2 }];
    const model = modelOf([2, 2, 1], layers as never, [[4], [2]]);
    const loaded = await load(model, someWeights(model));
    expect(loaded.getUserDefinedMetadata()).toMatchObject({
      classes: ['c0', 'c1'],
      normalization: { mean: [0.5], std: [0.25] },
      epoch: 3,
    });
  });
});
