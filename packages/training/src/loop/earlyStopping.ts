import type { JobSpec, WatchedMetric } from '@trainyard/contracts';
import type { BestValue } from '../checkpoints/trainingState.js';

/** Whether `value` is better than `best` by more than `minDelta`: a lower loss, a higher accuracy. */
export function improves(metric: WatchedMetric, value: number, best: BestValue | null, minDelta = 0): boolean {
  if (!best) return true;
  return metric === 'validationLoss' ? value < best.value - minDelta : value > best.value + minDelta;
}

/** The best value after an epoch: that of the epoch where it improves, otherwise the one before. */
export function nextBest(
  metric: WatchedMetric,
  metrics: Record<WatchedMetric, number>,
  epoch: number,
  best: BestValue | null,
  minDelta = 0,
): BestValue {
  const value = metrics[metric];
  return !best || improves(metric, value, best, minDelta) ? { epoch, value } : best;
}

/**
 * Whether early stopping ends the training after `epoch` epochs, of which `improved` was the last to improve enough.
 */
export function patienceIsOver(rule: JobSpec['earlyStopping'], epoch: number, improved: BestValue | null): boolean {
  return rule !== null && improved !== null && epoch - improved.epoch >= rule.patience;
}
