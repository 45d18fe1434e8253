import { type Ema, lookaheadSchema, type Schedule, scheduleSchema } from '@trainyard/contracts';
import { describe, expect, it } from 'vitest';
import { averagingShares, groupRates, lookaheadBlends, scheduleFactor } from '../../src/plan/schedule.js';

const span = { stepsPerEpoch: 10, totalSteps: 100 };
const parse = (schedule: unknown): Schedule => scheduleSchema.parse(schedule);
const factor = (schedule: unknown, step: number) => scheduleFactor(parse(schedule), step, span);

describe('a schedule', () => {
  it('constant keeps the rate', () => {
    expect([0, 50, 99].map((step) => factor('constant', step))).toEqual([1, 1, 1]);
  });

  it('step multiplies by the factor after every so many epochs', () => {
    const schedule = { type: 'step', everyEpochs: 3, factor: 0.5 };
    expect([0, 29, 30, 59, 60, 99].map((step) => factor(schedule, step))).toEqual([1, 1, 0.5, 0.5, 0.25, 0.125]);
  });

  it('cosine falls by half a cosine to the final fraction', () => {
    const schedule = { type: 'cosine', finalFraction: 0.2 };
    expect(factor(schedule, 0)).toBeCloseTo(1, 12);
    expect(factor(schedule, 50)).toBeCloseTo(0.6, 12);
    expect(factor(schedule, 25)).toBeCloseTo(0.2 + (0.8 * (1 + Math.SQRT1_2)) / 2, 12);
    expect(factor(schedule, 99)).toBeCloseTo(0.2 + (0.8 * (1 + Math.cos(0.99 * Math.PI))) / 2, 12);
  });

  it('linear falls by the same amount each step and is never 0', () => {
    expect(factor('linear', 0)).toBe(1);
    expect(factor('linear', 40)).toBeCloseTo(0.6, 12);
    expect(factor('linear', 99)).toBeCloseTo(0.01, 12);
  });

  it('oneCycle peaks where PyTorch’s OneCycleLR does and ends on the final fraction', () => {
    const schedule = { type: 'oneCycle', warmupFraction: 0.3, initialFraction: 0.04, finalFraction: 0.001 };
    expect(factor(schedule, 0)).toBeCloseTo(0.04, 12);
    expect(factor(schedule, 29)).toBeCloseTo(1, 12);
    expect(factor(schedule, 64)).toBeCloseTo((1 + 0.001) / 2, 12);
    expect(factor(schedule, 99)).toBeCloseTo(0.001, 12);
    // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=100, pct_start=.3, div_factor=25, final_div_factor=40)
    expect(factor(schedule, 10)).toBeCloseTo(0.29516394846410077, 12);
  });

  it('oneCycle is defined for runs of a step or two', () => {
    for (const totalSteps of [1, 2, 3]) {
      for (let step = 0; step < totalSteps; step++) {
        const value = scheduleFactor(parse('oneCycle'), step, { stepsPerEpoch: 1, totalSteps });
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    }
  });

  it('warms up linearly, reaches the rate at the last warm-up step, and then covers the remaining steps', () => {
    const schedule = { type: 'cosine', warmupEpochs: 2 };
    expect([0, 9, 19].map((step) => factor(schedule, step))).toEqual([1 / 20, 0.5, 1]);
    expect(factor(schedule, 20)).toBeCloseTo(1, 12);
    expect(factor(schedule, 60)).toBeCloseTo(0.5, 12);
  });

  it('triangular rises to the rate and falls to the final fraction, which a step after the last would have', () => {
    const schedule = { type: 'triangular', warmupFraction: 0.2, initialFraction: 0.2, finalFraction: 0.04 };
    expect([0, 20].map((step) => factor(schedule, step))).toEqual([0.2, 1]);
    expect(factor(schedule, 10)).toBeCloseTo(0.6, 12);
    expect(factor(schedule, 60)).toBeCloseTo(0.52, 12);
    expect(factor(schedule, 99)).toBeCloseTo(0.04 + 0.96 / 80, 12);
  });

  it('triangular without a rise starts at the rate', () => {
    const schedule = parse({ type: 'triangular', warmupFraction: 0.1 });
    expect(scheduleFactor(schedule, 0, { stepsPerEpoch: 1, totalSteps: 3 })).toBe(1);
  });
});

describe('the rates of a parameter group', () => {
  const spec = { schedule: parse({ type: 'linear', warmupEpochs: 0.5 }), learningRate: 0.1 };
  const plain = { learningRateFactor: 1, epochs: null };

  it('count steps from the beginning of the run, wherever a chunk starts', () => {
    const whole = groupRates(spec, plain, span, 0, 100);
    expect(groupRates(spec, plain, span, 37, 5)).toEqual(whole.slice(37, 42));
  });

  it('are the learning rate times the group’s factor', () => {
    const rates = groupRates(spec, { ...plain, learningRateFactor: 64 }, span, 0, 100);
    expect(rates[50]).toBeCloseTo(6.4 * scheduleFactor(spec.schedule, 50, span), 6);
  });

  it('are zero once its epochs are over', () => {
    const rates = groupRates(spec, { ...plain, epochs: 3 }, span, 0, 100);
    expect(rates.slice(0, 30)).toEqual(groupRates(spec, plain, span, 0, 30));
    expect(rates.slice(30).every((rate) => rate === 0)).toBe(true);
  });
});

describe('lookahead', () => {
  const lookahead = lookaheadSchema.parse({ every: 8, decay: 0.8, power: 2 });

  it('moves at every multiple of `every` with a growing decay, and ends with the slow copy as weights', () => {
    const blends = lookaheadBlends(lookahead, span, 0, 100);
    expect(blends).toHaveLength(200);
    const pairs = Array.from({ length: 100 }, (_, i) => Array.from(blends.slice(2 * i, 2 * i + 2)));
    const moves = pairs.flatMap(([, pull], i) => (pull === 1 ? [i + 1] : []));
    expect(moves).toEqual([8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 100]);
    expect(pairs[39]?.[0]).toBeCloseTo(0.8 * 0.4 ** 2, 6);
    expect(pairs[99]).toEqual([1, 1]);
    expect(pairs[6]).toEqual([1, 0]);
  });

  it('counts steps from the beginning of the run, wherever a chunk starts', () => {
    const whole = lookaheadBlends(lookahead, span, 0, 100);
    expect(lookaheadBlends(lookahead, span, 37, 5)).toEqual(whole.slice(74, 84));
  });
});

describe('the average of the weights', () => {
  const pairs = (ema: Ema, first: number, count: number) => {
    const shares = averagingShares(ema, first, count);
    return Array.from({ length: count }, (_, i) => Array.from(shares.slice(2 * i, 2 * i + 2)));
  };

  it('follows the weights closely at first, and keeps the whole decay from the step on that reaches it', () => {
    const ema = { decay: 0.999, warmup: true };
    for (const [step, kept] of [
      [0, 0.1],
      [90, 0.91],
      [890, 0.99],
      [8990, 0.999],
      [50_000, 0.999],
    ] as const) {
      const [[found, taken] = []] = pairs(ema, step, 1);
      expect(found).toBeCloseTo(kept, 6);
      expect(taken).toBeCloseTo(1 - kept, 6);
    }
    expect(pairs(ema, 8989, 1)[0]?.[0]).toBeLessThan(Math.fround(0.999));
  });

  it('counts steps from the beginning of the run, wherever a chunk starts', () => {
    const ema = { decay: 0.95, warmup: true };
    expect(pairs(ema, 150, 50)).toEqual(pairs(ema, 0, 200).slice(150));
  });

  it('keeps the decay from the first step on where there is no warm-up', () => {
    expect(pairs({ decay: 0.75, warmup: false }, 0, 2)).toEqual([
      [0.75, 0.25],
      [0.75, 0.25],
    ]);
  });
});
