import type { Trial } from '../trial.js';
import { hasResult, paretoFront } from './pareto.js';

/** With fewer trials, the last quarter says nothing. */
const fewest = 20;

/**
 * Whether the last quarter of the trials that have ended brought nothing: the best, or with two objectives every trial
 * of the Pareto front, is among the first three quarters. Equal results are no progress.
 * @param trials in the order in which they ended
 */
export function hasConverged(trials: readonly Trial[]): boolean {
  const ended = trials.filter(({ losses }) => losses !== 'running');
  if (ended.length < fewest) return false;
  const before = ended.slice(0, ended.length - Math.floor(ended.length / 4));
  const best = paretoFront(before);
  const isNoBetter = (losses: readonly number[]) =>
    best.some((other) => other.losses.every((loss, i) => loss <= (losses[i] as number)));
  return ended.slice(before.length).every((trial) => !hasResult(trial) || isNoBetter(trial.losses));
}
