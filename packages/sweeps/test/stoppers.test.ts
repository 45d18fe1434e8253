import { stopperSchema } from '@trainyard/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestSoFar, type Climber, comparableLosses, isBelowMedian, promotions, rungsOf } from '../src/index.js';

const asha = (options: object) => {
  const stopper = stopperSchema.parse({ type: 'asha', ...options });
  if (stopper.type !== 'asha') throw new Error('another stopper');
  return stopper;
};
const climber = (number: number, losses: number[], state: Climber['state'] = 'waiting'): Climber => ({
  number,
  losses,
  state,
});

describe('asha', () => {
  it('has rungs from the first, each three times as high, to the epochs of the spec', () => {
    expect(rungsOf(asha({}), 30)).toEqual([1, 3, 9, 27, 30]);
    expect(rungsOf(asha({ firstRung: 2, reductionFactor: 4, topRung: 20 }), 30)).toEqual([2, 8, 20]);
    expect(rungsOf(asha({ firstRung: 5 }), 5)).toEqual([5]);
  });

  it('promotes the best third of a rung, the highest rung first, without waiting for others', () => {
    const losses = [0.5, 0.4, 0.9, 0.8, 0.7, 0.6];
    const climbers = losses.map((loss, number) => climber(number, [loss]));
    expect(promotions(climbers, 3, 4)).toEqual([1, 0]);
    expect(promotions(climbers.slice(0, 2), 3, 4)).toEqual([]);
    const higher = [climber(6, [0.1, 0.3]), climber(7, [0.2, 0.2]), climber(8, [0.3, 0.1])];
    // Of nine at the first rung, the best three have been promoted; of three at the second, one is.
    expect(promotions([...climbers, ...higher], 3, 4)).toEqual([8]);
  });

  it('promotes no trial that runs, has ended, failed or stands at the last rung', () => {
    const worst = Array.from({ length: 9 }, (_, i) => climber(10 + i, [1]));
    const special = [climber(0, [0.1], 'running'), climber(1, [0.1], 'ended'), climber(2, [0.1, 0.1])];
    expect(promotions([...special, ...worst], 3, 2)).toEqual([10]);
    const failed = Array.from({ length: 6 }, (_, i) => climber(i, [Number.POSITIVE_INFINITY]));
    expect(promotions(failed, 3, 3)).toEqual([]);
  });

  it('promotes only waiting trials, each once, and never more than the best of their rung', () => {
    const loss = fc.double({ min: 0, max: 1, noNaN: true });
    const state = fc.constantFrom<Climber['state']>('waiting', 'running', 'ended');
    const any = fc.array(fc.record({ losses: fc.array(loss, { maxLength: 4 }), state }), { maxLength: 40 });
    fc.assert(
      fc.property(any, fc.integer({ min: 2, max: 4 }), (drawn, factor) => {
        const climbers = drawn.map((each, number) => ({ number, ...each }));
        const promoted = promotions(climbers, factor, 4);
        expect(new Set(promoted).size).toBe(promoted.length);
        for (const number of promoted) {
          const { losses, state: is } = climbers[number] as Climber;
          expect([is, losses.length > 0 && losses.length < 4]).toEqual(['waiting', true]);
          const reached = climbers.filter((each) => each.losses.length >= losses.length);
          const better = reached.filter((each) => (each.losses[losses.length - 1] ?? 0) < (losses.at(-1) ?? 0));
          expect(better.length).toBeLessThan(Math.floor(reached.length / factor));
        }
      }),
    );
  });

  it('compares trials at the highest rung that enough of them have reached', () => {
    const climbers = [
      climber(0, [0.5, 0.4, 0.3]),
      climber(1, [0.6, 0.5], 'running'),
      climber(2, [0.7], 'running'),
      climber(3, [0.8], 'ended'),
      climber(4, [0.9, Number.POSITIVE_INFINITY], 'ended'),
    ];
    expect([...comparableLosses(climbers, 3).values()]).toEqual([[0.4], [0.5], 'running', 'failed', 'failed']);
    expect([...comparableLosses(climbers, 5).values()]).toEqual([[0.5], [0.6], [0.7], [0.8], [0.9]]);
  });

  it('judges by the best epoch so far, not by the last', () => {
    expect(bestSoFar([0.5, 0.2, 0.9, 0.1], 3)).toBe(0.2);
    expect(bestSoFar([], 3)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the median stopper', () => {
  const finished = [
    [0.9, 0.5],
    [0.8, 0.4],
    [0.7, 0.6],
    [0.6, 0.1],
  ];
  const options = { startupTrials: 4, firstRung: 1 };

  it('stops a trial whose best is worse than the median of the others at that epoch', () => {
    expect(isBelowMedian([0.76], finished, options)).toBe(true);
    expect(isBelowMedian([0.74], finished, options)).toBe(false);
    // By the best so far: the second epoch is bad, the first was good.
    expect(isBelowMedian([0.2, 0.99], finished, options)).toBe(false);
  });

  it('stops none before the first rung, or with too few finished trials', () => {
    expect(isBelowMedian([1], finished, { ...options, firstRung: 2 })).toBe(false);
    expect(isBelowMedian([1], finished, { ...options, startupTrials: 5 })).toBe(false);
  });
});
