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
  it('are the three models of the article, those of record recipes, and one for photographs', () => {
    const records = ['resnet9', 'airbench94', 'airbench-mini'];
    expect(presetNames).toEqual(['lenet', 'cnn3', 'vgg6', ...records, 'resnet-photo']);
  });

  // Counted by hand: sum over layers of (fan in + 1) x outputs, and 2 x channels for a batch norm.
  it.each([
    ['lenet', 62_006],
    ['cnn3', 448 + 4_640 + 18_496 + 524_800 + 32_832 + 650],
    ['vgg6', 5_852_170],
    // Convolutions 9 x in x out, two values a channel for a norm, and the head.
    ['resnet9', 9 * (3 * 64 + 64 * 128 + 3 * 128 ** 2 + 128 ** 2 + 256 * 512 + 2 * 512 ** 2) + 2 * 2240 + 5120],
    // The whitening kernel is frozen and norms have no scale: 24 + convolutions + one bias per channel of a norm + the
    // head.
    ['airbench94', 24 + 9 * (24 * 64 + 64 ** 2 + 64 * 256 + 3 * 256 ** 2) + 2 * (64 + 256 + 256) + 2560],
  ])('%s has %d trainable values', (name, parameters) => {
    expect(model(name).parameters).toBe(parameters);
  });

  it('airbench94 has the maps of its paper: 31, 15, 7, 3 and 1', () => {
    const sides = model('airbench94').layers.map(({ outputShape }) => outputShape[0]);
    expect([...new Set(sides)]).toEqual([31, 15, 7, 3, 1, 256, 10]);
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

  it('lenet has the maps of the article: 28, 14, 10, 5, then 400, 120, 84, 10', () => {
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
    expect(model('airbench94', cifar10, 37).layers.at(-1)?.outputShape).toEqual([37]);
  });

  it('count FLOPs as two a multiply-add', () => {
    const flops = 2 * (28 * 28 * 6 * 75 + 10 * 10 * 16 * 150 + 400 * 120 + 120 * 84 + 84 * 10);
    expect(model('lenet').flops).toBe(flops);
    expect(summarize(model('lenet')).layers.reduce((sum, layer) => sum + layer.flops, 0)).toBe(flops);
  });
});
