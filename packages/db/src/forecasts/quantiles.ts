import type { Quantiles } from '@trainyard/contracts';

/** Fewer outcomes say too little about the next. */
export const fewestOutcomes = 3;
/** By how much an interval of few outcomes is widened on both sides. */
export const margin = 1.25;

/**
 * Quantiles of the next of exchangeable positive outcomes, from those that are known (split conformal prediction: Lei
 * et al., "Distribution-free predictive inference for regression", JASA 2018): of n outcomes the ones of the ranks
 * 0.1 (n + 1) and 0.9 (n + 1). With fewer than nine outcomes there are no such ranks: the least and the largest outcome
 * are taken, and a quarter more.
 *
 * @returns null for fewer than `fewestOutcomes`
 */
export function nextQuantiles(outcomes: readonly number[]): Quantiles | null {
  const n = outcomes.length;
  if (n < fewestOutcomes) return null;
  const sorted = outcomes.toSorted((a, b) => a - b);
  const at = (rank: number) => sorted[Math.min(Math.max(rank, 1), n) - 1] ?? 0;
  const [low, high] = [Math.floor(0.1 * (n + 1)), Math.ceil(0.9 * (n + 1))];
  return {
    p10: low < 1 ? at(1) / margin : at(low),
    p50: (at(Math.floor((n + 1) / 2)) + at(Math.ceil((n + 1) / 2))) / 2,
    p90: high > n ? at(n) * margin : at(high),
  };
}
