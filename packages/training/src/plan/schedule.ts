import type { JobSpec, Lookahead, Schedule } from '@trainyard/contracts';
import type { ParameterGroup } from '@trainyard/program';

/** The span that a schedule is stretched over. */
export interface Span {
  stepsPerEpoch: number;
  totalSteps: number;
}

/** Cosine from `from` (share 0) to `to` (share 1). */
const cosine = (from: number, to: number, share: number) => to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
const linear = (from: number, to: number, share: number) => from + (to - from) * share;

type OneCycle = Extract<Schedule, { type: 'oneCycle' }>;
type Triangular = Extract<Schedule, { type: 'triangular' }>;
type WarmedUp = Exclude<Schedule, OneCycle | Triangular>;

/**
 * Smith 2018, with the end points of PyTorch's OneCycleLR: the peak stands at step `warmupFraction * totalSteps - 1`,
 * the final rate at the last step.
 */
function oneCycleFactor(schedule: OneCycle, step: number, { totalSteps }: Span): number {
  const last = totalSteps - 1;
  const peak = Math.min(Math.max(schedule.warmupFraction * totalSteps - 1, 0), last);
  if (step < peak) return cosine(schedule.initialFraction, 1, step / peak);
  return last > peak ? cosine(1, schedule.finalFraction, (step - peak) / (last - peak)) : 1;
}

/**
 * Up to step floor(warmupFraction * totalSteps), then down to `finalFraction`, which the step behind the last would
 * have.
 */
function triangularFactor(schedule: Triangular, step: number, { totalSteps }: Span): number {
  const peak = Math.floor(schedule.warmupFraction * totalSteps);
  if (step < peak) return linear(schedule.initialFraction, 1, step / peak);
  return linear(1, schedule.finalFraction, (step - peak) / (totalSteps - peak));
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
 * What the base learning rate is multiplied by at a step. Warm-up: (step + 1) / W over the first W = warmupEpochs *
 * stepsPerEpoch steps, so that no step is lost to a rate of 0.
 * @param step counted from 0 since the beginning of the run
 */
export function scheduleFactor(schedule: Schedule, step: number, span: Span): number {
  if (schedule.type === 'oneCycle') return oneCycleFactor(schedule, step, span);
  if (schedule.type === 'triangular') return triangularFactor(schedule, step, span);
  const warmupSteps = Math.round(schedule.warmupEpochs * span.stepsPerEpoch);
  if (step < warmupSteps) return (step + 1) / warmupSteps;
  const share = (step - warmupSteps) / Math.max(1, span.totalSteps - warmupSteps);
  return shapeFactor(schedule, step, share, span);
}

/**
 * Learning rates of a parameter group for `count` steps from `first` on, as an executor is fed: f32 [count]; zeros once
 * the group's epochs are over.
 */
export function groupRates(
  { schedule, learningRate }: Pick<JobSpec, 'schedule' | 'learningRate'>,
  { learningRateFactor, epochs }: Pick<ParameterGroup, 'learningRateFactor' | 'epochs'>,
  span: Span,
  first: number,
  count: number,
): Float32Array {
  const end = epochs === null ? Number.POSITIVE_INFINITY : epochs * span.stepsPerEpoch;
  const rate = (step: number) =>
    step < end ? learningRate * learningRateFactor * scheduleFactor(schedule, step, span) : 0;
  return Float32Array.from({ length: count }, (_, i) => rate(first + i));
}

/**
 * Decay and pull of lookahead for `count` steps from `first` on, f32 [count, 2]: nothing happens between two moves, and
 * after the last step the weights are the slow copy.
 */
export function lookaheadBlends(lookahead: Lookahead, span: Span, first: number, count: number): Float32Array {
  const blend = (done: number): [decay: number, pull: number] => {
    if (done % lookahead.every === 0) return [lookahead.decay * (done / span.totalSteps) ** lookahead.power, 1];
    return [1, done === span.totalSteps ? 1 : 0];
  };
  return Float32Array.from(Array.from({ length: count }, (_, i) => blend(first + i + 1)).flat());
}
