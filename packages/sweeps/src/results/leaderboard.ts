import type { Trial } from '../trial.js';
import { paretoFront } from './pareto.js';
import { ranked } from './ranked.js';

export interface Place {
  /** From 1; trials with equal losses share a place. */
  rank: number;
  trial: Trial;
  /** Whether no other trial is better in every objective; of one objective: whether it is the best. */
  best: boolean;
}

/** The trials that have ended, best first; those that failed are last and share a place. */
export function leaderboard(trials: readonly Trial[]): Place[] {
  const best = new Set<Trial>(paretoFront(trials));
  const places: Place[] = [];
  for (const [i, trial] of ranked(trials).entries()) {
    const before = places.at(-1);
    const rank = before && String(before.trial.losses) === String(trial.losses) ? before.rank : i + 1;
    places.push({ rank, trial, best: best.has(trial) });
  }
  return places;
}
