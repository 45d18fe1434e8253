import { type Point, type Sampler, type SearchSpace, samplerSchema } from '@trainyard/contracts';
import { spaceOf } from '@trainyard/test-kit/functions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { propose } from '../src/index.js';
import { anySpace, runTrials } from './spaces.js';

const sampler = (name: 'grid' | 'random' | 'tpe'): Sampler => samplerSchema.parse(name);
const pseudo = samplerSchema.parse({ type: 'random', sequence: 'pseudo' });
const drawn = [sampler('random'), pseudo, sampler('tpe')];
const someLoss = (point: Point) => JSON.stringify(point).length % 7;

/** Whether a point has exactly the parameters whose conditions hold, each with one of its values. */
function isWithin(space: SearchSpace, point: Point): boolean {
  return Object.entries(space).every(([path, parameter]) => {
    const isVaried = Object.entries(parameter.when).every(
      ([parent, values]) => parent in point && values.includes(point[parent]),
    );
    if (!isVaried) return !(path in point);
    if (parameter.type === 'choice') return parameter.values.includes(point[path]);
    const value = Number(point[path]);
    const isWhole = Number.isInteger(value) || parameter.type === 'uniform' || parameter.type === 'logUniform';
    return value >= parameter.min && value <= parameter.max && isWhole;
  });
}

const reversed = (space: SearchSpace): SearchSpace => Object.fromEntries(Object.entries(space).reverse());

describe('samplers', () => {
  it('propose points of the space, the same for the same trials and seed, whatever the order of the keys', () => {
    fc.assert(
      fc.property(anySpace, fc.constantFrom(...drawn), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (space, by, seed) => {
        const trials = runTrials({ space, sampler: by, seed }, 14, someLoss);
        for (const { point } of trials) expect(isWithin(space, point), JSON.stringify(point)).toBe(true);
        const again = runTrials({ space: reversed(space), sampler: by, seed }, 14, someLoss);
        expect(again).toEqual(trials);
      }),
      { numRuns: 25 },
    );
  });

  it('never repeat a point of a space that has an end, and end with its last point', () => {
    const space = spaceOf({
      a: { type: 'int', min: 1, max: 4 },
      b: { type: 'choice', values: ['x', 'y'] },
      c: { type: 'choice', values: [true, false], when: { b: ['y'] } },
    });
    for (const by of [...drawn, sampler('grid')]) {
      const points = runTrials({ space, sampler: by, seed: 3 }, 50, someLoss).map(({ point }) => JSON.stringify(point));
      expect(points).toHaveLength(12);
      expect(new Set(points).size).toBe(12);
    }
  });

  it('find the last points of a space that one choice nearly fills', () => {
    const space = spaceOf({
      a: { type: 'choice', values: Array.from({ length: 100 }, (_, i) => i) },
      b: { type: 'int', min: 1, max: 1e9, when: { a: [99] } },
    });
    const trials = runTrials({ space, sampler: pseudo, seed: 5 }, 300, someLoss);
    expect(new Set(trials.map(({ point }) => JSON.stringify(point))).size).toBe(300);
  });

  it('take a grid in order, the last parameter fastest, with both ends of each range', () => {
    const space = spaceOf({
      'a.rate': { type: 'logUniform', min: 0.001, max: 0.1, steps: 3 },
      b: { type: 'int', min: 0, max: 10, steps: 2 },
    });
    const points = runTrials({ space, sampler: sampler('grid'), seed: 0 }, 10, someLoss).map(({ point }) => point);
    const rates = [0.001, 0.001, 0.01, 0.01, 0.1, 0.1];
    expect(points).toEqual(rates.map((rate, i) => ({ 'a.rate': rate, b: i % 2 === 0 ? 0 : 10 })));
  });

  it('cover each half, quarter and eighth of a range evenly with quasi-random points', () => {
    const space = spaceOf({ x: { type: 'uniform', min: 0, max: 1 }, y: { type: 'uniform', min: 0, max: 1 } });
    const trials = runTrials({ space, sampler: sampler('random'), seed: 9 }, 72, someLoss);
    const counts = (path: string, cells: number) =>
      trials.reduce(
        (all, { point }) =>
          all.with(Math.floor(Number(point[path]) * cells), 1 + (all[Math.floor(Number(point[path]) * cells)] ?? 0)),
        new Array<number>(cells).fill(0),
      );
    expect(counts('x', 8)).toEqual(new Array(8).fill(9));
    expect(counts('y', 9)).toEqual(new Array(9).fill(8));
  });

  it('keep trials apart that run at the same time', () => {
    const space = spaceOf({ x: { type: 'uniform', min: -1, max: 1 } });
    const finished = runTrials({ space, sampler: sampler('random'), seed: 1 }, 20, ({ x }) => Number(x) ** 2);
    const running = Array.from({ length: 200 }, (_, i) => ({
      number: 20 + i,
      point: { x: 0.002 * (i % 5) - 0.004 },
      losses: 'running' as const,
    }));
    const near = (trials: typeof running) =>
      Array.from({ length: 20 }, (_, seed) =>
        propose({ space, sampler: sampler('tpe'), trials: [...finished, ...trials], seed }),
      ).filter((point) => Math.abs(Number(point?.x)) < 0.01).length;
    // Of so many running trials at the best place, one more would bring nothing.
    expect(near(running)).toBe(0);
  });
});
