import { spaceOf } from '@trainyard/test-kit/functions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasConverged, importanceOf, leaderboard, lossOf, paretoFront, type Trial } from '../src/index.js';
import { bestOf, ranked } from '../src/results/ranked.js';

const trial = (number: number, losses: Trial['losses'], point = {}): Trial => ({ number, point, losses });
const numbers = (trials: readonly Trial[]) => trials.map(({ number }) => number);

describe('results of a sweep', () => {
  it('rank the best first, equal ones together, failed ones last, running ones not at all', () => {
    const trials = [
      trial(0, [0.5]),
      trial(1, 'failed'),
      trial(2, [0.1]),
      trial(3, [0.5]),
      trial(4, 'running'),
      trial(5, 'failed'),
    ];
    const places = leaderboard(trials).map(({ rank, trial: { number }, best }) => [rank, number, best]);
    expect(places).toEqual([
      [1, 2, true],
      [2, 0, false],
      [2, 3, false],
      [4, 1, false],
      [4, 5, false],
    ]);
  });

  it('have the Pareto front of two objectives, as found by comparing all pairs', () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 40 }), fc.integer({ min: 0, max: 10 }), (pairs, count) => {
        const trials = pairs.map((losses, number) => trial(number, losses));
        const beats = ([a, b]: [number, number], [c, d]: [number, number]) => a <= c && b <= d && (a < c || b < d);
        const best = trials.filter((_, i) => !pairs.some((other) => beats(other, pairs[i] as [number, number])));
        expect(numbers(paretoFront(trials)).sort()).toEqual(numbers(best).sort());
        const order = ranked(trials);
        expect(numbers(order.slice(0, best.length)).sort()).toEqual(numbers(best).sort());
        expect(bestOf(trials, count)).toEqual(order.slice(0, count));
      }),
    );
  });

  it('have the same best few of one objective as all of them in order', () => {
    const losses = fc.oneof(
      fc.constant('failed' as const),
      fc.integer({ min: 0, max: 5 }).map((loss) => [loss]),
    );
    fc.assert(
      fc.property(fc.array(losses, { maxLength: 40 }), fc.integer({ min: 0, max: 40 }), (all, count) => {
        const trials = all.map((each, number) => trial(number, each));
        expect(bestOf(trials, count)).toEqual(ranked(trials).slice(0, count));
      }),
    );
  });

  it('turn what is maximised into a loss, and what is not a number into the worst', () => {
    expect([lossOf(0.7, 'maximize'), lossOf(0.7, 'minimize'), lossOf(Number.NaN, 'maximize')]).toEqual([
      -0.7,
      0.7,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('have converged when the last quarter brought nothing better', () => {
    const trials = (best: number, count = 40) =>
      Array.from({ length: count }, (_, i) => trial(i, [i === best ? 0.1 : 0.5]));
    expect(hasConverged(trials(29))).toBe(true);
    expect(hasConverged(trials(30))).toBe(false);
    expect(hasConverged(trials(0, 19))).toBe(false);
    expect(hasConverged([...trials(0), trial(40, 'failed')])).toBe(true);
    const two = Array.from({ length: 20 }, (_, i) => trial(i, [i < 15 ? 1 : 2, 1]));
    expect(hasConverged(two)).toBe(true);
    expect(hasConverged([...two.slice(0, 19), trial(19, [2, 0.5])])).toBe(false);
  });

  it('name the parameters that the good trials have in common', () => {
    const space = spaceOf({
      rate: { type: 'logUniform', min: 1e-4, max: 1 },
      batch: { type: 'int', min: 1, max: 100 },
      flip: { type: 'choice', values: [true, false] },
      momentum: { type: 'uniform', min: 0, max: 1, when: { flip: [true] } },
    });
    const trials = Array.from({ length: 400 }, (_, i) => {
      const [rate, batch, flip] = [10 ** (-4 * ((i * 0.618034) % 1)), 1 + ((i * 37) % 100), i % 2 === 0];
      const point = { rate, batch, flip, ...(flip && { momentum: (i * 0.414214) % 1 }) };
      return trial(i, [Math.abs(Math.log10(rate) + 2) + (flip ? 0 : 0.1)], point);
    });
    const shares = importanceOf(space, trials);
    expect(Object.keys(shares)[0]).toBe('rate');
    expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    expect(shares.rate).toBeGreaterThan(0.5);
    expect(shares.flip).toBeGreaterThan(shares.batch ?? 1);
    expect(importanceOf(space, [])).toEqual({ batch: 0, flip: 0, momentum: 0, rate: 0 });
  });
});
