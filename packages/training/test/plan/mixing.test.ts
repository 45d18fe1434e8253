import { augmentationSchema } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { mixings } from '../../src/plan/mixing.js';

const spec = (augmentation: Parameters<typeof augmentationSchema.parse>[0], seed = 5) => ({
  augmentation: augmentationSchema.parse(augmentation),
  seed,
});
const shape = [24, 32, 3] as const;
const rows = (values: Float32Array) =>
  Array.from({ length: values.length / 6 }, (_, i) => Array.from(values.subarray(6 * i, 6 * i + 6)) as Row);
type Row = [keep: number, share: number, top: number, left: number, height: number, width: number];
const moments = (values: number[]) => {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length };
};

describe('mixup', () => {
  it.each([0.05, 0.2, 1, 4])('draws lambda from Beta(%d, %d)', (alpha) => {
    const shares = rows(mixings(spec({ mixup: { alpha } }), shape, 0, 4000)).map(([, share]) => share);
    const { mean, variance } = moments(shares);
    // Of Beta(a, a): 1/2 and 1 / (4 (2a + 1)).
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance * 4 * (2 * alpha + 1)).toBeCloseTo(1, 1);
  });

  it('keeps lambda of each pixel and each target', () => {
    for (const [keep, share, ...box] of rows(mixings(spec({ mixup: {} }), shape, 0, 20))) {
      expect(share).toBe(keep);
      expect(box).toEqual([0, 0, 24, 32]);
    }
  });
});

describe('cutmix', () => {
  const drawn = rows(mixings(spec({ cutmix: {} }), shape, 0, 4000));

  it('has boxes within the image, and shares by their area', () => {
    for (const [keep, share, top, left, height, width] of drawn) {
      expect(keep).toBe(0);
      expect(Math.min(top, left, height, width)).toBeGreaterThanOrEqual(0);
      expect(top + height).toBeLessThanOrEqual(24);
      expect(left + width).toBeLessThanOrEqual(32);
      expect(share).toBeCloseTo(1 - (height * width) / (24 * 32), 6);
    }
  });

  it('cuts squares of the image’s proportions out of all places', () => {
    const inner = drawn.filter(([, , top, left, height, width]) => {
      return top > 0 && left > 0 && top + height < 24 && left + width < 32;
    });
    expect(inner.length).toBeGreaterThan(500);
    for (const [, , , , height, width] of inner) expect(Math.abs(width - (height * 32) / 24)).toBeLessThan(4);
    // Centres are whole pixels, 0 to 23.
    expect(moments(drawn.map(([, , top, , height]) => top + height / 2)).mean).toBeCloseTo(11.5, 0);
  });
});

it('with both, half of the batches get each', () => {
  const both = rows(mixings(spec({ mixup: {}, cutmix: {} }), shape, 0, 1000));
  const cut = both.filter(([keep]) => keep === 0).length;
  expect(cut).toBeGreaterThan(450);
  expect(cut).toBeLessThan(550);
});

it('depends on seed and step alone', () => {
  const all = mixings(spec({ mixup: {}, cutmix: {} }), shape, 0, 30);
  expect(mixings(spec({ mixup: {}, cutmix: {} }), shape, 11, 7)).toEqual(all.subarray(66, 108));
  expect(mixings(spec({ mixup: {}, cutmix: {} }, 6), shape, 0, 30)).not.toEqual(all);
});
