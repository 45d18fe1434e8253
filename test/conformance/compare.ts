import type { SlotData } from '@trainyard/program';
import { expect } from 'vitest';

/** Fails unless max |found - expected| / max |expected| is below `tolerance`; integers must be equal. */
export function expectClose(found: SlotData, expected: SlotData, what: string, tolerance = 1e-4): void {
  expect(found.length, `${what}: length`).toBe(expected.length);
  if (!(expected instanceof Float32Array)) {
    expect(found, what).toEqual(expected);
    return;
  }
  const largest = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const difference = expected.reduce((max, value, i) => maxOf(max, Math.abs((found[i] as number) - value)), 0);
  // Where all reference values are zero, the quotient would be 0/0.
  const error = difference === 0 ? 0 : difference / largest;
  expect(error, `${what}: relative error`).toBeLessThan(tolerance);
}

/** Math.max, except that a NaN is never replaced. */
const maxOf = (a: number, b: number): number => (a >= b || Number.isNaN(a) ? a : b);

/** Fails unless the same elements are zero. */
export function expectSameZeros(found: SlotData, expected: SlotData, what: string): void {
  const zeros = (data: SlotData) => Array.from(data, (value, i) => (value === 0 ? i : -1)).filter((i) => i >= 0);
  expect(zeros(found), `${what}: zeros`).toEqual(zeros(expected));
}
