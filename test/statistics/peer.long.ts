import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { randomWords, toUnit } from '@trainyard/program';
import { expect, it } from 'vitest';
import {
  chiSquareTail,
  holm,
  type Interval,
  mcNemar,
  meanInterval,
  spreadOf,
  wilsonInterval,
} from '../../apps/api/src/services/compare/statistics.js';

const draws = Array.from(randomWords(20_000, 11, 1, 0), toUnit);
let used = 0;
const unit = (): number => draws[used++ % draws.length] as number;
const upTo = (n: number): number => Math.floor(unit() * (n + 1));
const times = <T>(make: (i: number) => T): T[] => Array.from({ length: 200 }, (_, i) => make(i));

const cases = {
  // Half of them with few images on which the runs differ, and the ends.
  mcNemar: times((i): [number, number] => (i === 0 ? [0, 0] : i % 2 ? [upTo(12), upTo(12)] : [upTo(900), upTo(900)])),
  wilson: times((i): [number, number] => {
    const total = 1 + upTo(i % 2 ? 50 : 10_000);
    return [i % 10 === 0 ? 0 : i % 10 === 1 ? total : upTo(total), total];
  }),
  holm: times((i) => Array.from({ length: 1 + (i % 30) }, () => unit() ** 4)),
  chiSquareTail: times((i) => (i % 2 ? 20 * unit() : 600 * unit())),
  meanInterval: times((i) => Array.from({ length: 2 + (i % 20) }, () => 100 * unit() - 20)),
};
const peer = JSON.parse(
  execFileSync(process.env.PYTHON ?? 'python3', [fileURLToPath(new URL('peer.py', import.meta.url))], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
  }),
);

/** Largest difference of two lists of numbers. */
const difference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - Number(b[i]))));
const ends = (intervals: readonly (Interval | null)[]): number[] =>
  intervals.flatMap((interval) => [Number(interval?.low), Number(interval?.high)]);

it('McNemar’s test, exact and approximate', () => {
  const ours = cases.mcNemar.map(([a, b]) => mcNemar(a, b));
  expect(new Set(ours.map(({ method }) => method)).size).toBe(2);
  const numbers = (tests: { statistic: number; p: number }[]) => tests.flatMap(({ statistic, p }) => [statistic, p]);
  const largest = difference(numbers(ours), numbers(peer.mcNemar));
  console.log(`McNemar: 200 cases, largest difference ${largest}`);
  expect(largest).toBeLessThan(1e-9);
});

it('Wilson’s interval', () => {
  const largest = difference(
    ends(cases.wilson.map(([count, total]) => wilsonInterval(count, total))),
    ends(peer.wilson),
  );
  console.log(`Wilson: 200 cases, largest difference ${largest}`);
  expect(largest).toBeLessThan(1e-9);
});

it('Holm’s correction', () => {
  const largest = difference(
    cases.holm.flatMap((values) => holm(values)),
    peer.holm.flat(),
  );
  console.log(`Holm: 200 cases, largest difference ${largest}`);
  expect(largest).toBeLessThan(1e-9);
});

it('the tail of the chi-square distribution, relative to its size', () => {
  const ratios = cases.chiSquareTail.map((x, i) => chiSquareTail(x) / peer.chiSquareTail[i]);
  const largest = difference(ratios, Array<number>(200).fill(1));
  console.log(`chi-square tail: 200 cases down to ${Math.min(...peer.chiSquareTail)}, relative difference ${largest}`);
  expect(largest).toBeLessThan(1e-9);
});

it('the interval of a mean', () => {
  const ours = cases.meanInterval.map((values) => meanInterval(spreadOf(values), values.length));
  const largest = difference(ends(ours), ends(peer.meanInterval));
  console.log(`mean: 200 cases, largest difference ${largest}`);
  expect(largest).toBeLessThan(1e-9);
});
