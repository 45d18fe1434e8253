import type { Schedule } from '@trainyard/contracts';

/** The span that a schedule is stretched over. */
export interface Span {
  stepsPerEpoch: number;
  totalSteps: number;
}

/** Cosine from `from` (share 0) to `to` (share 1). */
const cosine = (from: number, to: number, share: number) => to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
const linear = (from: number, to: number, share: number) => from + (to - from) * share;

type OneCycle = Extract<Schedule, { type: 'oneCycle' }>;
type WarmedUp = Exclude<Schedule, OneCycle>;

/**
 * Smith 2018, with the end points of PyTorch's OneCycleLR: the peak stands at step `warmupFraction * totalSteps - 1`, the
 * final rate at the last step.
 */
function oneCycleFactor(schedule: OneCycle, step: number, { totalSteps }: Span): number {
  const last = totalSteps - 1;
  const peak = Math.min(Math.max(schedule.warmupFraction * totalSteps - 1, 0), last);
  if (step < peak) return cosine(schedule.initialFraction, 1, step / peak);
  return last > peak ? cosine(1, schedule.finalFraction, (step - peak) / (last - peak)) : 1;
}

/** The factor after the warm-up; `share` is the part of the remaining steps that lies before this one, 0 to below 1. */
function shapeFactor(schedule: WarmedUp, step: number, share: number, { stepsPerEpoch }: Span): number {
  switch (schedule.type) {
    case 'constant':
      return 1;
    case 'step':
      return schedule.factor ** Math.floor(step / stepsPerEpoch / schedule.everyEpochs);
    case 'cosine':
      return cosine(1, schedule.finalFraction, share);
    case 'linear':
      return linear(1, schedule.finalFraction, share);
  }
}

/**
 * What the base learning rate is multiplied by at a step.
 * Warm-up: (step + 1) / W over the first W = warmupEpochs * stepsPerEpoch steps, so that no step is lost to a rate of 0.
 * @param step counted from 0 since the beginning of the run
 */
export function scheduleFactor(schedule: Schedule, step: number, span: Span): number {
  if (schedule.type === 'oneCycle') return oneCycleFactor(schedule, step, span);
  const warmupSteps = Math.round(schedule.warmupEpochs * span.stepsPerEpoch);
  if (step < warmupSteps) return (step + 1) / warmupSteps;
  const share = (step - warmupSteps) / Math.max(1, span.totalSteps - warmupSteps);
  return shapeFactor(schedule, step, share, span);
}

/** Learning rates of `count` steps from `first` on, as an executor is fed: f32 [count]. */
export function learningRates(
  schedule: Schedule,
  base: number,
  span: Span,
  first: number,
  count: number,
): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => base * scheduleFactor(schedule, first + i, span));
}
