import type { Point, Sampler, SearchSpace } from '@trainyard/contracts';
import { type Dimension, dimensionsOf } from '../space/dimensions.js';
import { enumerate } from '../space/enumerate.js';
import { allValues, gridValues } from '../space/values.js';
import type { Trial } from '../trial.js';
import { drawsOf, pseudoRandomPoint, quasiRandomPoint } from './random.js';
import { isRanked, proposeByTpe } from './tpe/tpe.js';
import { Tried } from './tried.js';

export interface Proposal {
  space: SearchSpace;
  sampler: Sampler;
  /** All trials proposed so far, in any order. */
  trials: readonly Trial[];
  seed: number;
}

/**
 * The point of the next trial, whose number is that of the trials so far; null: every point of the space has been
 * tried. A pure function: what a sampler knows is what the trials say, so nothing is lost where a process is.
 */
export function propose({ space, sampler, trials, seed }: Proposal): Point | null {
  const dimensions = dimensionsOf(space);
  const number = trials.length;
  if (sampler.type === 'grid') return gridPoint(dimensions, number);
  const tried = new Tried(dimensions, trials);
  const usesTpe = sampler.type === 'tpe' && trials.filter(isRanked).length >= sampler.startupTrials;
  const point = usesTpe ? proposeByTpe(dimensions, trials, sampler, seed, tried) : null;
  return point ?? untriedPoint(dimensions, sampler, number, seed, tried);
}

function gridPoint(dimensions: readonly Dimension[], number: number): Point | null {
  let place = 0;
  for (const point of enumerate(dimensions, ({ parameter }) => gridValues(parameter)))
    if (place++ === number) return point;
  return null;
}

/** Draws of one trial before its point is looked for one by one. */
const redraws = 100;

function untriedPoint(
  dimensions: readonly Dimension[],
  sampler: Sampler,
  number: number,
  seed: number,
  tried: Tried,
): Point | null {
  const draws = drawsOf(seed, number);
  const isPseudo = sampler.type === 'random' && sampler.sequence === 'pseudo';
  const first = isPseudo ? pseudoRandomPoint(dimensions, draws) : quasiRandomPoint(dimensions, number, seed);
  if (!tried.has(first)) return first;
  for (let i = 0; i < redraws; i++) {
    const point = pseudoRandomPoint(dimensions, draws);
    if (!tried.has(point)) return point;
  }
  // Nearly all of a small space: a point is tried only with its trial, so this ends after as many as there are trials.
  for (const point of enumerate(dimensions, ({ parameter }) => allValues(parameter)))
    if (!tried.has(point)) return point;
  return null;
}
