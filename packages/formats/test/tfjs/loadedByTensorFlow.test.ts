import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { type Model, type ResolvedLayer, resolveModel } from '@trainyard/architectures';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, encodeModelJson, type NamedTensor, orderWeights } from '../../src/index.js';
import { modelOf, provenanceOf, someWeights } from '../models.js';

// Without advice on the console.
beforeAll(() => tf.enableProdMode());

/** The predictions of a model, computed by plain tfjs-core ops. */
function forward(model: Model, weights: NamedTensor[], images: tf.Tensor): tf.Tensor {
  const value = (name: string): tf.Tensor => {
    const found = weights.find((w) => w.name === name) as NamedTensor;
    return tf.tensor(found.data, found.shape);
  };
  const run = (x: tf.Tensor, { name, layer, children }: ResolvedLayer): tf.Tensor => {
    const image = x as tf.Tensor4D;
    switch (layer.type) {
      case 'conv2d': {
        const pad = layer.padding;
        const kernel = value(`${name}/kernel`) as tf.Tensor4D;
        const y = tf.conv2d(
          image,
          kernel,
          layer.stride,
          pad,
          'NHWC',
          layer.dilation,
          typeof pad === 'number' ? 'floor' : undefined,
        );
        return layer.bias ? tf.add(y, value(`${name}/bias`)) : y;
      }
      case 'batchNorm': {
        const spread = tf.sqrt(tf.add(value(`${name}/moving_variance`), layer.epsilon));
        const normal = tf.div(tf.sub(x, value(`${name}/moving_mean`)), spread);
        return tf.add(layer.scale ? tf.mul(normal, value(`${name}/gamma`)) : normal, value(`${name}/beta`));
      }
      case 'activation':
        if (layer.kind === 'leakyRelu') return tf.leakyRelu(x, layer.slope);
        if (layer.kind === 'gelu') return tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))));
        return { relu: tf.relu, tanh: tf.tanh, sigmoid: tf.sigmoid }[layer.kind](x);
      case 'maxPool':
        return tf.maxPool(image, layer.size, layer.stride, 'valid');
      case 'avgPool':
        return tf.avgPool(image, layer.size, layer.stride, 'valid');
      case 'globalAvgPool':
        return tf.mean(x, [1, 2]);
      case 'dense':
        return tf.add(tf.matMul(x as tf.Tensor2D, value(`${name}/kernel`) as tf.Tensor2D), value(`${name}/bias`));
      case 'flatten':
        return tf.reshape(x, [x.shape[0] as number, -1]);
      case 'scale':
        return tf.mul(x, layer.factor);
      case 'residual':
        return tf.add(x, children.reduce(run, x));
      default:
        return x;
    }
  };
  return tf.softmax(model.layers.reduce(run, images));
}

/** Encodes a model and loads it the way a browser would. */
async function load(model: Model, weights: NamedTensor[]) {
  const ordered = orderWeights(model, weights.toReversed());
  const json = JSON.parse(encodeModelJson(model, ordered, provenanceOf(model)));
  const bytes = Buffer.concat(ordered.map(bytesOf));
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
  const expected = forward(model, weights, images).dataSync();
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

  it.each([
    ['lenet', [44, 54, 1]],
    ['cnn3', [28, 28, 1]],
    ['resnet-photo', [64, 64, 3]],
  ] as const)('predicts the same as the layers of %s, changed for images of %j', async (preset, shape) => {
    const { model } = resolveModel(preset, [...shape], 3);
    if (!model) throw new Error(`${preset} does not fit`);
    await expectEqualPredictions(model);
  });

  it('has its classes and the normalisation of images as metadata', async () => {
    const layers = [{ type: 'flatten' }, { type: 'dense', units: 2 }];
    const model = modelOf([2, 2, 1], layers as never, [[4], [2]]);
    const loaded = await load(model, someWeights(model));
    expect(loaded.getUserDefinedMetadata()).toMatchObject({
      classes: ['c0', 'c1'],
      normalization: { mean: [0.5], std: [0.5] },
      epoch: 3,
    });
  });
});
