import { expect, it } from 'vitest';
import { nextQuantiles } from '../../src/forecasts/quantiles.js';

it('covers the next outcome in at least 80 % of the cases, for any number of outcomes from nine on', () => {
  // The next of n + 1 exchangeable outcomes has every rank equally often.
  for (let n = 9; n <= 60; n++) {
    const all = Array.from({ length: n + 1 }, (_, i) => i + 1);
    const covered = all.filter((next) => {
      const { p10, p90 } = nextQuantiles(all.filter((value) => value !== next)) ?? { p10: 1, p90: 0 };
      return next >= p10 && next <= p90;
    });
    expect(covered.length / all.length).toBeGreaterThanOrEqual(0.8 - 1 / all.length);
  }
});

it('is wider than few outcomes, and unknown for fewer than three', () => {
  expect(nextQuantiles([4, 2])).toBeNull();
  expect(nextQuantiles([4, 2, 3])).toEqual({ p10: 1.6, p50: 3, p90: 5 });
  expect(nextQuantiles([4, 2, 3, 1])?.p50).toBe(2.5);
});
