import { bestSoFar } from './rungs.js';

/**
 * Whether to stop a trial: its best loss so far is worse than the median of the best losses that the finished trials
 * had after the same number of epochs (the median stopping rule of Golovin et al. 2017, "Google Vizier", with the best
 * value instead of the mean).
 * @param losses of the trial's epochs so far
 * @param finished losses of the epochs of each finished trial
 * @param startupTrials with fewer finished trials, none is stopped
 * @param firstRung no trial is stopped before so many epochs
 */
export function isBelowMedian(
  losses: readonly number[],
  finished: readonly (readonly number[])[],
  { startupTrials, firstRung }: { startupTrials: number; firstRung: number },
): boolean {
  const epochs = losses.length;
  if (epochs < firstRung || finished.length < startupTrials) return false;
  const others = finished.map((each) => bestSoFar(each, epochs)).sort((a, b) => (a === b ? 0 : a - b));
  const middle = others.length >> 1;
  const [lower, upper] = [others[(others.length - 1) >> 1] as number, others[middle] as number];
  return bestSoFar(losses, epochs) > (lower + upper) / 2;
}
