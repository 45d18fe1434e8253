import type { Trial } from '../trial.js';
import { crowding, fronts, hasResult } from './pareto.js';

/**
 * The trials that have ended, best first. By one objective: the smallest loss, and of equal ones the earlier trial. By
 * two: front by front, within a front those with the most room around them first. Trials that failed are last.
 */
export function ranked(trials: readonly Trial[]): Trial[] {
  const failed = trials.filter(({ losses }) => losses === 'failed').toSorted((a, b) => a.number - b.number);
  const results = trials.filter(hasResult);
  if (results.every(({ losses }) => losses.length === 1))
    return [...results.toSorted((a, b) => compare(a.losses[0], b.losses[0]) || a.number - b.number), ...failed];
  const ordered = fronts(results).flatMap((front) => {
    const room = crowding(front);
    return front.toSorted((a, b) => compare(room.get(b), room.get(a)) || a.number - b.number);
  });
  return [...ordered, ...failed];
}

/** Also of infinities, whose difference is not a number. */
function compare(a = Number.POSITIVE_INFINITY, b = Number.POSITIVE_INFINITY): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The first so many of `ranked`. */
export function bestOf(trials: readonly Trial[], count: number): Trial[] {
  // Thousands of trials are ordered for each proposal, which needs a few of them.
  const losses = new Float64Array(trials.length);
  for (const [i, trial] of trials.entries()) {
    if (hasResult(trial) && trial.losses.length > 1) return ranked(trials).slice(0, count);
    losses[i] = hasResult(trial) ? (trial.losses[0] as number) : Number.POSITIVE_INFINITY;
  }
  const worst = losses.toSorted()[count - 1] ?? Number.POSITIVE_INFINITY;
  return ranked(trials.filter((_, i) => (losses[i] as number) <= worst)).slice(0, count);
}
