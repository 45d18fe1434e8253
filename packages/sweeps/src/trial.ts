import type { Point } from '@trainyard/contracts';

/** A trial as samplers see it. */
export interface Trial {
  /** From 0, in the order in which trials were proposed. */
  number: number;
  point: Point;
  /** One loss an objective; `running`: it has none yet; `failed`: it has none, and counts as the worst. */
  losses: readonly number[] | 'running' | 'failed';
}

/** Smaller is better in every sampler and stopper; not a number counts as the worst. */
export function lossOf(value: number, direction: 'minimize' | 'maximize'): number {
  if (Number.isNaN(value)) return Number.POSITIVE_INFINITY;
  return direction === 'maximize' ? -value : value;
}
