import type { JobSpec, WatchedMetric } from '@trainyard/contracts';
import type { BestValue, TrainingState } from '../checkpoints/trainingState.js';

/** Whether `value` is better than `best` by more than `minDelta`: a lower loss, a higher accuracy. */
export function improves(metric: WatchedMetric, value: number, best: BestValue | null, minDelta = 0): boolean {
  if (!best) return true;
  return metric === 'validationLoss' ? value < best.value - minDelta : value > best.value + minDelta;
}

/**
 * Whether an epoch is better than the best so far, by the checkpoint's metric. On few validation images many epochs
 * have the same accuracy: of these, the one with the lowest loss is the best. A checkpoint of an earlier version has no
 * loss to compare; its epoch stays the best.
 */
export function isBetter(
  metric: WatchedMetric,
  metrics: Record<WatchedMetric, number>,
  best: TrainingState['best'],
): boolean {
  if (metric === 'validationAccuracy' && metrics.validationAccuracy === best?.value)
    return best.validationLoss !== undefined && metrics.validationLoss < best.validationLoss;
  return improves(metric, metrics[metric], best);
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
