import { describe, expect, it } from 'vitest';
import { splitImages } from '../../src/plan/split.js';

/** Sorted by class, as files often are: 100 of class 0, 60 of class 1, 40 of class 2. */
const labels = Int32Array.from({ length: 200 }, (_, i) => (i < 100 ? 0 : i < 160 ? 1 : 2));
const split = (validationSplit: 'shuffled' | 'head' | 'stratified', train: number, validation: number, splitSeed = 1) =>
  splitImages(labels, { validationSplit, splitSeed }, { train, validation });
const shares = (indices: Int32Array) => [0, 1, 2].map((label) => indices.filter((i) => labels[i] === label).length);

describe('the split of the training images', () => {
  for (const kind of ['shuffled', 'head', 'stratified'] as const) {
    it(`${kind} puts every image in exactly one part`, () => {
      const { train, validation } = split(kind, 160, 40);
      expect([train.length, validation.length]).toEqual([160, 40]);
      expect(new Set([...train, ...validation]).size).toBe(200);
    });

    it(`${kind} with a limit takes that many, of every class`, () => {
      const { train, validation } = split(kind, 40, 10);
      const used = Int32Array.from([...train, ...validation]);
      expect(new Set(used).size).toBe(50);
      expect(Math.min(...shares(used))).toBeGreaterThan(0);
    });
  }

  it('shuffled mixes classes and depends on the seed alone', () => {
    const { validation } = split('shuffled', 160, 40);
    expect(Math.min(...shares(validation))).toBeGreaterThan(0);
    expect(split('shuffled', 160, 40).validation).toEqual(validation);
    expect(split('shuffled', 160, 40, 2).validation).not.toEqual(validation);
  });

  it('head validates on the first images as stored', () => {
    expect(split('head', 160, 40).validation).toEqual(Int32Array.from({ length: 40 }, (_, i) => i));
  });

  it('stratified keeps the share of every class in both parts', () => {
    const { train, validation } = split('stratified', 160, 40);
    expect(shares(validation)).toEqual([20, 12, 8]);
    expect(shares(train)).toEqual([80, 48, 32]);
  });

  it('provided validates on the last images as stored, which are the dataset’s own for that', () => {
    const provided = (train: number, validation: number) =>
      splitImages(labels, { validationSplit: 'provided', splitSeed: 1 }, { train, validation }, 30);
    const whole = provided(170, 30);
    expect(Array.from(whole.validation).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => 170 + i),
    );
    expect(new Set([...whole.train, ...whole.validation]).size).toBe(200);
    const limited = provided(34, 6);
    expect([limited.train.length, limited.validation.length]).toEqual([34, 6]);
    expect(Math.max(...limited.train)).toBeLessThan(170);
    expect(Math.min(...limited.validation)).toBeGreaterThanOrEqual(170);
    expect(Math.min(...shares(limited.train))).toBeGreaterThan(0);
  });

  it('stratified gives the remaining places to the largest remainders', () => {
    // Of 33: 16.5, 9.9 and 6.6.
    expect(shares(split('stratified', 160, 33).validation)).toEqual([16, 10, 7]);
  });
});
