import type { Point, SearchSpace } from '@trainyard/contracts';
import { spaceOf } from '@trainyard/test-kit/functions';
import fc from 'fast-check';
import { propose, type Trial } from '../src/index.js';

const range = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }))
  .map(([min, extent]) => ({ min, max: min + extent }));

const free = fc.oneof(
  fc
    .uniqueArray(fc.oneof(fc.integer(), fc.boolean(), fc.constant({ type: 'step', factor: 0.5 })), {
      minLength: 1,
      maxLength: 4,
      selector: (value) => JSON.stringify(value),
    })
    .map((values) => ({ type: 'choice', values })),
  fc.tuple(fc.constantFrom('uniform', 'logUniform', 'int', 'logInt'), range).map(([type, ends]) => ({ type, ...ends })),
);

/** Spaces with a condition, and a condition on what has one. */
export const anySpace: fc.Arbitrary<SearchSpace> = fc
  .record({ a: free, d: free, e: free, c: free, values: fc.constantFrom(['x'], ['x', 'y'], ['y', 'z']) })
  .map(({ a, c, d, e, values }) =>
    spaceOf({
      a,
      b: { type: 'choice', values: ['x', 'y', 'z'] },
      c: { ...c, when: { b: values } },
      d: { type: 'choice', values: [1, 2], when: { b: ['x'] } },
      'd.e': { ...e, when: { d: [2] } },
      f: d,
    }),
  );

/** The trials of a sweep in which each has its loss before the next is proposed. */
export function runTrials(
  options: Omit<Parameters<typeof propose>[0], 'trials'>,
  count: number,
  loss: (point: Point) => number,
): Trial[] {
  const trials: Trial[] = [];
  while (trials.length < count) {
    const point = propose({ ...options, trials });
    if (!point) break;
    trials.push({ number: trials.length, point, losses: [loss(point)] });
  }
  return trials;
}
