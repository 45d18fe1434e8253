import type { Trial } from '../trial.js';

/** Whether `a` is nowhere worse than `b`, and somewhere better. */
const dominates = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((loss, i) => loss <= (b[i] as number)) && a.some((loss, i) => loss < (b[i] as number));

type Result = Trial & { losses: readonly number[] };
export const hasResult = (trial: Trial): trial is Result => typeof trial.losses === 'object';

/**
 * Trials with a result in fronts, the best first: no trial of a front is better in every objective than another of it,
 * and each trial of a later front is beaten by one of the front before (Deb et al. 2002, NSGA-II; n log n comparisons,
 * Jensen 2003). For one or two objectives.
 */
export function fronts(trials: readonly Trial[]): Result[][] {
  const all: Result[][] = [];
  for (const trial of trials.filter(hasResult).sort(byLosses)) {
    // In this order, a trial is beaten by one of a front if it is beaten by the newest of the front.
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const newest = all[middle]?.at(-1);
      if (newest && dominates(newest.losses, trial.losses)) low = middle + 1;
      else high = middle;
    }
    const front = all[low];
    if (front) front.push(trial);
    else all.push([trial]);
  }
  return all;
}

/** The trials that no other beats in every objective: of one objective, the best, and those that equal it. */
export const paretoFront = (trials: readonly Trial[]): Result[] => fronts(trials)[0] ?? [];

function byLosses(a: Result, b: Result): number {
  for (const [i, loss] of a.losses.entries()) {
    const other = b.losses[i] as number;
    if (loss !== other) return loss < other ? -1 : 1;
  }
  return a.number - b.number;
}

/**
 * Crowding distance of each trial of a front, by the same reference: how far apart its neighbours are, as shares of
 * the front's extent, summed over the objectives; infinity at the ends.
 */
export function crowding(front: readonly Result[]): Map<Trial, number> {
  const distances = new Map<Trial, number>(front.map((trial) => [trial, 0]));
  for (const objective of front[0]?.losses.keys() ?? []) {
    const sorted = front.toSorted((a, b) => (a.losses[objective] as number) - (b.losses[objective] as number));
    const loss = (i: number) => sorted[i]?.losses[objective] ?? Number.NaN;
    const extent = loss(sorted.length - 1) - loss(0);
    for (const [i, trial] of sorted.entries()) {
      const isEnd = i === 0 || i === sorted.length - 1;
      const gap = extent > 0 ? (loss(i + 1) - loss(i - 1)) / extent : 0;
      distances.set(trial, (distances.get(trial) ?? 0) + (isEnd ? Number.POSITIVE_INFINITY : gap));
    }
  }
  return distances;
}
