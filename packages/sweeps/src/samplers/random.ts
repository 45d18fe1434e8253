import type { Point } from '@trainyard/contracts';
import { type Dimension, pointOf } from '../space/dimensions.js';
import { valueAtUnit } from '../space/values.js';
import { Draws, purposes } from './draws.js';
import { haltonPoint } from './halton.js';

/** The point of a trial, drawn independently of all others. */
export function pseudoRandomPoint(dimensions: readonly Dimension[], draws: Draws): Point {
  const units = dimensions.map(() => draws.unit());
  return pointOf(dimensions, ({ parameter }, i) => valueAtUnit(parameter, units[i] as number));
}

/** The point of a trial, from a sequence that covers the space evenly. */
export function quasiRandomPoint(dimensions: readonly Dimension[], trial: number, seed: number): Point {
  const units = haltonPoint(dimensions.length, trial, seed);
  return pointOf(dimensions, ({ parameter }, i) => valueAtUnit(parameter, units[i] as number));
}

export const drawsOf = (seed: number, trial: number): Draws => new Draws(seed, purposes.random, trial);
