import { type SearchSpace, samplerSchema } from '@trainyard/contracts';
import { spaceOf, testFunctions } from '@trainyard/test-kit/functions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propose } from '../src/index.js';
import { Mixture } from '../src/samplers/tpe/mixture.js';
import { runTrials } from './spaces.js';

const tpe = samplerSchema.parse('tpe');
const random = samplerSchema.parse({ type: 'random', sequence: 'pseudo' });

describe('tpe', () => {
  for (const { name, space, loss, minimum } of testFunctions)
    it(`is nearer to the minimum of ${name} after 60 trials than random search, for most seeds`, () => {
      const regret = (sampler: typeof tpe, seed: number) =>
        Math.min(...runTrials({ space, sampler, seed }, 60, loss).map(({ point }) => loss(point))) - minimum;
      const wins = Array.from({ length: 8 }, (_, seed) => regret(tpe, seed) < regret(random, seed));
      expect(wins.filter(Boolean).length).toBeGreaterThanOrEqual(6);
    });

  it('proposes by the good ones among 10,000 finished trials', () => {
    const space = spaceOf({ x: { type: 'uniform', min: 0, max: 1 } });
    const trials = Array.from({ length: 10_000 }, (_, number) => {
      const x = number / 10_000;
      return { number, point: { x }, losses: [Math.abs(x - 0.3)] };
    });
    const points = [0, 1, 2].map((seed) => propose({ space, sampler: tpe, trials, seed }));
    for (const point of points) expect(Math.abs(Number(point?.x) - 0.3)).toBeLessThan(0.05);
  });
});

describe('the mixtures of tpe', () => {
  const parameterOf = (parameter: Record<string, unknown>) => spaceOf({ p: parameter }).p as SearchSpace[string];
  const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

  it('have a density whose integral over a range is 1', () => {
    fc.assert(
      fc.property(places, (observed) => {
        const mixture = new Mixture([parameterOf({ type: 'uniform', min: 2, max: 3 })], [Float64Array.from(observed)]);
        const cells = 20_000;
        let sum = 0;
        for (let i = 0; i < cells; i++) sum += Math.exp(mixture.logDensity([(i + 0.5) / cells])) / cells;
        expect(sum).toBeCloseTo(1, 3);
      }),
      { numRuns: 10 },
    );
  });

  it('have shares of whole numbers and of choices whose sum is 1', () => {
    const whole = parameterOf({ type: 'logInt', min: 3, max: 40 });
    const choice = parameterOf({ type: 'choice', values: ['a', 'b', 'c'] });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 3, max: 40 }), { maxLength: 40 }), (numbers) => {
        const unit = (n: number) => Math.log(n / 2.5) / Math.log(40.5 / 2.5);
        const mixture = new Mixture(
          [whole, choice],
          [Float64Array.from(numbers, unit), Float64Array.from(numbers, (n) => n % 3)],
        );
        let sum = 0;
        for (let n = 3; n <= 40; n++)
          for (let index = 0; index < 3; index++) sum += Math.exp(mixture.logDensity([unit(n), index]));
        expect(sum).toBeCloseTo(1, 2);
      }),
      { numRuns: 10 },
    );
  });
});
