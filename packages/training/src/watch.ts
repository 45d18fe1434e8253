import type { JobSpec, WatchedMetric } from '@trainyard/contracts';

/** The value of a watched metric and the epoch (from 1) that reached it. */
export interface Mark {
  epoch: number;
  value: number;
}

type Watched = Record<WatchedMetric, number>;

/** Whether `value` beats `mark` by more than `minDelta`: a lower loss, a higher accuracy. */
export function improves(metric: WatchedMetric, value: number, mark: Mark | null, minDelta = 0): boolean {
  if (!mark) return true;
  return metric === 'validationLoss' ? value < mark.value - minDelta : value > mark.value + minDelta;
}

/** The mark after an epoch: a new one where the epoch improves on the old, else the old. */
export function nextMark(
  metric: WatchedMetric,
  metrics: Watched,
  epoch: number,
  mark: Mark | null,
  minDelta = 0,
): Mark {
  const value = metrics[metric];
  return !mark || improves(metric, value, mark, minDelta) ? { epoch, value } : mark;
}

/** Whether early stopping ends the training after `epoch` epochs; `mark` is the last epoch that improved enough. */
export function patienceIsOver(rule: JobSpec['earlyStopping'], epoch: number, mark: Mark | null): boolean {
  return rule !== null && mark !== null && epoch - mark.epoch >= rule.patience;
}
