import { expect, it } from 'vitest';
import { discordant, hitsOf } from '#services/compare/hits.js';
import { chiSquareTail, holm, mcNemar, meanInterval, spreadOf, wilsonInterval } from '#services/compare/statistics.js';

/** Values of statsmodels 0.15.0 and SciPy 1.17.1; `npm run test:statistics` compares random cases with them. */
it.each([
  [0, 0, 'exact', 0, 1],
  [3, 12, 'exact', 3, 0.03515625],
  [5, 5, 'exact', 5, 1],
  [12, 12, 'exact', 12, 1],
  [13, 12, 'chiSquare', 0, 1],
  [0, 25, 'chiSquare', 23.04, 1.5866563039511885e-6],
  [400, 300, 'chiSquare', 14.001428571428571, 0.0001826717911095503],
] as const)('McNemar’s test of %i against %i images', (onlyA, onlyB, method, statistic, p) => {
  const found = mcNemar(onlyA, onlyB);
  expect(found.method).toBe(method);
  expect(found.statistic).toBeCloseTo(statistic, 12);
  expect(found.p).toBeCloseTo(p, 12);
});

it.each([
  [0, 10, 0, 0.27753279986288926],
  [10, 10, 0.7224672001371106, 1],
  [6014, 10_000, 0.5917666447660129, 0.6109554803644138],
  [1, 3, 0.06149194472039626, 0.7923403991979523],
])('Wilson’s interval of %i of %i', (count, total, low, high) => {
  const interval = wilsonInterval(count, total);
  expect(interval.low).toBeCloseTo(low, 12);
  expect(interval.high).toBeCloseTo(high, 12);
});

it('Holm’s correction keeps the order of the values', () => {
  const adjusted = [0.04, 0.09, 0.09, 0.025, 0.5];
  holm([0.01, 0.04, 0.03, 0.005, 0.5]).forEach((value, i) => {
    expect(value).toBeCloseTo(Number(adjusted[i]), 12);
  });
  expect(holm([])).toEqual([]);
});

it.each([
  [0, 1],
  [0.5, 0.47950012218695337],
  [7.9, 0.004943479736228239],
  [8.1, 0.004426525857919834],
  [60, 9.485737571073857e-15],
  [700, 2.990226975124623e-154],
])('the tail of the chi-square distribution beyond %d', (x, tail) => {
  expect(chiSquareTail(x) / tail).toBeCloseTo(1, 11);
});

it('the interval of a mean', () => {
  const spread = spreadOf([1, 2, 3, 4]);
  expect(spread).toEqual({ mean: 2.5, standardDeviation: Math.sqrt(5 / 3) });
  expect(meanInterval(spread, 4)?.high).toBeCloseTo(2.5 + (1.959963984540054 * Math.sqrt(5 / 3)) / 2, 12);
  expect(meanInterval(spreadOf([1]), 1)).toBeNull();
});

it('images that one run alone gets right are counted in every bit of a word', () => {
  const labels = Uint16Array.from({ length: 70 }, (_, i) => i % 7);
  const a = hitsOf(labels, labels);
  const wrong = new Set([0, 31, 32, 63, 69]);
  const b = hitsOf(
    labels,
    labels.map((label, i) => (wrong.has(i) ? label + 1 : label)),
  );
  expect(discordant(a, b)).toEqual({ onlyA: 5, onlyB: 0 });
  expect(discordant(b, a)).toEqual({ onlyA: 0, onlyB: 5 });
});
