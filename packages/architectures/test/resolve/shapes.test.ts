import { type LayerInput, layerListSchema } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { type MapShape, resolveModel } from '../../src/index.js';

const resolve = (layers: LayerInput[], inputShape: MapShape) =>
  resolveModel({ layers: layerListSchema.parse(layers) }, inputShape, 10, '');

/** Resolves one convolution or pool in front of a classifier and returns it. */
function first(layer: LayerInput, inputShape: MapShape) {
  const { model, faults } = resolve([layer, { type: 'flatten' }, { type: 'dense', units: 10 }], inputShape);
  expect(faults).toEqual([]);
  return model?.layers[0];
}

type Conv2d = Extract<LayerInput, { type: 'conv2d' }>;

describe('the size of a layer', () => {
  it.each([
    // The article's example: a 7x7 map under a 3x3 filter.
    { input: 7, kernel: 3, stride: 1, padding: 0, output: 5 },
    { input: 7, kernel: 3, stride: 2, padding: 0, output: 3 },
    { input: 32, kernel: 3, stride: 1, padding: 1, output: 32 },
    // (32 - 5 + 4)/3 + 1 = 11.33, rounded down.
    { input: 32, kernel: 5, stride: 3, padding: 2, output: 11 },
    { input: 3, kernel: 5, stride: 1, padding: 1, output: 1 },
  ])('is (W - F + 2P)/S + 1: $input, $kernel, $stride, $padding -> $output', ({ output, input, ...layer }) => {
    expect(first({ type: 'conv2d', filters: 2, ...layer }, [input, input, 3])?.outputShape).toEqual([
      output,
      output,
      2,
    ]);
  });

  it('with padding same is ceil(W/S), and an odd pixel of padding goes to the bottom and the right', () => {
    const layer = first({ type: 'conv2d', filters: 4, kernel: [3, 2], stride: [2, 1], padding: 'same' }, [8, 5, 1]);
    expect(layer?.outputShape).toEqual([4, 5, 4]);
    expect(layer?.padding).toEqual({ top: 0, bottom: 1, left: 0, right: 1 });
  });

  it('of a dilated convolution is that of a kernel of (k - 1) dilation + 1 pixels', () => {
    const layer: Conv2d = { type: 'conv2d', filters: 4, kernel: [3, 2], dilation: [2, 3] };
    expect(first(layer, [9, 8, 3])?.outputShape).toEqual([5, 5, 4]);
    expect(first({ ...layer, padding: 'same' }, [9, 8, 3])).toMatchObject({
      outputShape: [9, 8, 4],
      padding: { top: 2, bottom: 2, left: 1, right: 2 },
      // The gaps have no weights.
      flops: 2 * 9 * 8 * 3 * 2 * 3 * 4,
    });
  });

  it('of a pool excludes rows and columns that do not fill a window', () => {
    expect(first({ type: 'maxPool', size: [2, 3] }, [9, 8, 3])?.outputShape).toEqual([4, 2, 3]);
  });

  it('of a pool with overlapping windows counts them all', () => {
    expect(first({ type: 'avgPool', size: 3, stride: 2 }, [9, 9, 3])?.outputShape).toEqual([4, 4, 3]);
  });
});

const head: LayerInput[] = [{ type: 'globalAvgPool' }, { type: 'dense', units: 10 }];

describe('a squeezeExcite', () => {
  const after = (filters: number, reduction: number): LayerInput[] => [
    { type: 'conv2d', filters, bias: false },
    { type: 'squeezeExcite', reduction },
    ...head,
  ];

  it('has two dense layers, whose units are the channels divided by the reduction and rounded down', () => {
    const { model } = resolve(after(20, 8), [8, 8, 3]);
    expect(model?.layers[1]?.outputShape).toEqual([6, 6, 20]);
    expect(model?.weights.slice(1, 5).map(({ name, shape }) => `${name} ${shape}`)).toEqual([
      'dense_1/kernel 20,2',
      'dense_1/bias 2',
      'dense_2/kernel 2,20',
      'dense_2/bias 20',
    ]);
    expect(model?.layers[1]?.branches[0]?.map((inner) => inner.pointer)).toEqual(Array(5).fill('/layers/1'));
  });

  it('is refused where its reduction leaves no unit', () => {
    const { faults } = resolve(after(8, 16), [8, 8, 3]);
    expect(faults).toEqual([
      {
        pointer: '/layers/1/reduction',
        detail: 'a reduction of 16 leaves no unit for 8 channels; use one of at most 8',
      },
    ]);
  });

  it('is refused behind a flatten', () => {
    const { faults } = resolve([{ type: 'flatten' }, { type: 'squeezeExcite' }, ...head.slice(1)], [8, 8, 3]);
    expect(faults).toEqual([{ pointer: '/layers/1', detail: expect.stringContaining('squeezeExcite needs a map') }]);
  });
});

describe('a concatenate', () => {
  const branches = (...lists: LayerInput[][]): LayerInput => ({ type: 'concatenate', branches: lists });
  const conv = (filters: number, stride = 1): LayerInput => ({ type: 'conv2d', filters, stride, padding: 'same' });

  it('has the channels of its branches together, and their layers point into them', () => {
    const { model } = resolve([branches([], [conv(4), conv(5)], [conv(6)]), ...head], [8, 8, 3]);
    expect(model?.layers[0]?.outputShape).toEqual([8, 8, 14]);
    expect(model?.layers[0]?.branches.flat().map(({ pointer }) => pointer)).toEqual([
      '/layers/0/branches/1/0',
      '/layers/0/branches/1/1',
      '/layers/0/branches/2/0',
    ]);
  });

  it('joins flat values', () => {
    const flat = branches([{ type: 'flatten' }], [{ type: 'globalAvgPool' }]);
    expect(resolve([flat, { type: 'dense', units: 10 }], [8, 8, 3]).model?.layers[0]?.outputShape).toEqual([195]);
  });

  it.each([
    [branches([], [conv(4, 2)]), 'outputs a 4x4x4 map but the first branch an 8x8x3 map'],
    [branches([conv(4, 2)], [], [conv(3)]), 'outputs an 8x8x3 map but the first branch a 4x4x4 map'],
    [
      branches([], [{ type: 'globalAvgPool' }]),
      'outputs 3 values but the first branch an 8x8x3 map; a concatenate joins',
    ],
  ])('refuses branches that do not fit together: %#', (layer, detail) => {
    const { faults } = resolve([layer, ...head], [8, 8, 3]);
    expect(faults[0]).toEqual({ pointer: '/layers/0/branches/1', detail: expect.stringContaining(detail) });
  });

  it('refuses more channels than the widest dense layer has', () => {
    const doubled = Array.from({ length: 16 }, () => branches([], []));
    const { faults } = resolve([...doubled, { type: 'globalAvgPool' }, { type: 'dense', units: 10 }], [8, 8, 3]);
    expect(faults).toEqual([
      { pointer: '/layers/14/branches', detail: expect.stringContaining('have 98304 channels together') },
      { pointer: '/layers/15/branches', detail: expect.stringContaining('have 196608 channels together') },
    ]);
  });
});

describe('a residual', () => {
  const block = (padding: 0 | 1): LayerInput => ({
    type: 'residual',
    layers: [{ type: 'conv2d', filters: 3, padding, bias: false }, { type: 'batchNorm' }],
  });

  it('has its layers as a branch, and their weights are among the model’s', () => {
    const { model } = resolve([block(1), ...head], [8, 8, 3]);
    expect(model?.layers[0]?.branches[0]?.map((inner) => inner.pointer)).toEqual([
      '/layers/0/layers/0',
      '/layers/0/layers/1',
    ]);
    expect(model?.weights.map((weight) => weight.name)).toEqual([
      'conv2d_1/kernel',
      'batch_normalization_1/gamma',
      'batch_normalization_1/beta',
      'batch_normalization_1/moving_mean',
      'batch_normalization_1/moving_variance',
      'dense_1/kernel',
      'dense_1/bias',
    ]);
  });

  it('is refused when its layers change the shape', () => {
    const { faults } = resolve([block(0), ...head], [8, 8, 3]);
    expect(faults).toEqual([
      {
        pointer: '/layers/0',
        detail: expect.stringContaining('adds its input, an 8x8x3 map, to the output of its layers, a 6x6x3 map'),
      },
    ]);
  });
});
