import { describe, expect, it } from 'vitest';
import { type MapShape, presetNames, presets, resolveModel } from '../src/index.js';

function fitted(name: string, shape: MapShape) {
  const { model, faults } = resolveModel(name, shape, 10);
  expect(faults).toEqual([]);
  if (!model) throw new Error(`${name} did not resolve`);
  return model;
}

const photo = 'resnet-photo';
const forCifar10 = presetNames.filter((name) => name !== photo);

describe('a preset on images of another size', () => {
  it.each(forCifar10)('%s has the layers that it lists on 32x32 colour images', (name) => {
    const { layers, changes } = fitted(name, [32, 32, 3]);
    expect(changes).toEqual([]);
    expect(layers.map(({ layer }) => layer.type)).toEqual(presets[name].layers.map(({ type }) => type));
  });

  it.each(presetNames)('%s fits images of any size and number of channels', (name) => {
    const sides = [1, 5, 8, 13, 28, 32, 47, 64, 100, 224, 300];
    for (const side of sides)
      for (const channels of [1, 3, 4])
        for (const shape of [
          [side, side, channels],
          [side, 40, channels],
          [21, side, channels],
        ] as MapShape[])
          expect(fitted(name, shape).layers.at(-1)?.outputShape).toEqual([10]);
  });

  it.each(forCifar10)('%s has as many weights on larger colour images as on 32x32', (name) => {
    const { parameters } = fitted(name, [32, 32, 3]);
    for (const shape of [
      [33, 40, 3],
      [48, 48, 3],
      [64, 64, 3],
      [100, 75, 3],
      [224, 224, 3],
      [32, 300, 3],
    ] as MapShape[])
      expect(fitted(name, shape).parameters).toBe(parameters);
  });

  it('has one more pool where the side is twice as large, then two', () => {
    const pools = (side: number) => fitted('vgg6', [side, side, 3]).layers.map(({ layer }) => layer.type === 'maxPool');
    const count = (side: number) => pools(side).filter(Boolean).length;
    expect([8, 16, 17, 32, 63, 64, 127, 128, 224].map(count)).toEqual([1, 2, 3, 3, 3, 4, 4, 5, 5]);
    expect(fitted('vgg6', [64, 64, 3]).changes).toEqual(['1 more 2x2 pool']);
    expect(fitted('vgg6', [16, 16, 3]).changes).toEqual(['1 fewer 2x2 pool']);
  });

  it('takes the mean over a larger map before the classifier, in windows that cover all of it', () => {
    const { layers, changes } = fitted('lenet', [96, 128, 3]);
    expect(changes).toEqual(['1 more 2x2 pool', 'a mean pool from 13x9 to 5x5 before the classifier']);
    const pool = layers.find(({ layer }) => layer.type === 'avgPool');
    expect(pool).toMatchObject({ layer: { size: [5, 5], stride: [1, 2] }, outputShape: [5, 5, 16] });
  });

  it('pools the whole map where the preset does', () => {
    const { layers, changes } = fitted('resnet9', [28, 28, 1]);
    expect(changes).toEqual(['a pool of the whole 3x3 map']);
    expect(layers.find(({ layer }) => layer.type === 'flatten')?.inputShape).toEqual([1, 1, 512]);
  });

  it('whitens images of one channel with the eight filters that they have', () => {
    const { weights, changes } = fitted('airbench94', [28, 28, 1]);
    expect(changes).toEqual(['8 whitening filters instead of 24']);
    expect(weights[0]?.shape).toEqual([2, 2, 1, 8]);
  });

  it('made for photographs needs no change from 64 to 224 pixels, and a mean over the whole last map', () => {
    for (const side of [64, 96, 128, 160, 224]) expect(fitted(photo, [side, side, 3]).changes).toEqual([]);
    expect(fitted(photo, [224, 224, 3]).parameters).toBe(fitted(photo, [32, 32, 3]).parameters);
    expect(fitted(photo, [32, 32, 3]).changes).toEqual(['1 fewer 2x2 pool']);
  });
});
