import { describe, expect, it } from 'vitest';
import { presetNames, resolveModel, summarize } from '../src/index.js';

const cifar10: [number, number, number] = [32, 32, 3];

function model(name: string, shape = cifar10, classes = 10) {
  const { model: resolved, faults } = resolveModel(name, shape, classes);
  expect(faults).toEqual([]);
  if (!resolved) throw new Error(`${name} did not resolve`);
  return resolved;
}

describe('the presets', () => {
  it('are the three models of the article', () => {
    expect(presetNames).toEqual(['lenet', 'cnn3', 'vgg6']);
  });

  // Counted by hand: sum over layers of (fan in + 1) x outputs, and 2 x channels for a batch norm.
  it.each([
    ['lenet', 62_006],
    ['cnn3', 448 + 4_640 + 18_496 + 524_800 + 32_832 + 650],
    ['vgg6', 5_852_170],
  ])('%s has %d trainable values', (name, parameters) => {
    expect(model(name).parameters).toBe(parameters);
  });

  it('keep the running statistics of batch norm out of the count, but among the weights', () => {
    const fixed = model('vgg6').weights.filter((weight) => !weight.trainable);
    expect(fixed.map((weight) => [weight.name, weight.shape[0]])).toEqual([
      ['batch_normalization_1/moving_mean', 32],
      ['batch_normalization_1/moving_variance', 32],
      ['batch_normalization_2/moving_mean', 128],
      ['batch_normalization_2/moving_variance', 128],
      ['batch_normalization_3/moving_mean', 256],
      ['batch_normalization_3/moving_variance', 256],
    ]);
  });

  it('lenet gives the maps of the article: 28, 14, 10, 5, then 400, 120, 84, 10', () => {
    const shapes = model('lenet').layers.map((layer) => layer.outputShape);
    expect(shapes.filter((_, i) => ![1, 4, 8, 10].includes(i))).toEqual([
      [28, 28, 6],
      [14, 14, 6],
      [10, 10, 16],
      [5, 5, 16],
      [400],
      [120],
      [84],
      [10],
    ]);
  });

  it('vgg6 has norms, activations and dropouts where its course has them', () => {
    expect(
      model('vgg6')
        .layers.map(({ layer }) => layer.type)
        .join(' '),
    ).toBe(
      [
        'conv2d batchNorm activation conv2d activation maxPool',
        'conv2d batchNorm activation conv2d activation maxPool spatialDropout',
        'conv2d batchNorm activation conv2d activation maxPool',
        'flatten dropout dense activation dense activation dropout dense',
      ].join(' '),
    );
  });

  it('end with as many units as the dataset has classes', () => {
    expect(model('cnn3', [64, 64, 1], 37).layers.at(-1)?.outputShape).toEqual([37]);
  });

  it('count FLOPs as two a multiply-add', () => {
    const flops = 2 * (28 * 28 * 6 * 75 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10);
    expect(model('lenet').flops).toBe(flops);
    expect(summarize(model('lenet')).layers.reduce((sum, layer) => sum + layer.flops, 0)).toBe(flops);
  });
});
