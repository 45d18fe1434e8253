import type { Ema, JobSpec, Lookahead, Schedule } from '@trainyard/contracts';
import type { ParameterGroup } from '@trainyard/program';

/** The length of a run, over which its schedule extends. */
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
 * Smith 2018, with the end points of PyTorch's OneCycleLR: the peak is at step `warmupFraction * totalSteps - 1`, the
 * final rate at the last step.
 */
function oneCycleFactor(schedule: OneCycle, step: number, { totalSteps }: Span): number {
  const last = totalSteps - 1;
  const peak = Math.min(Math.max(schedule.warmupFraction * totalSteps - 1, 0), last);
  if (step < peak) return cosine(schedule.initialFraction, 1, step / peak);
  return last > peak ? cosine(1, schedule.finalFraction, (step - peak) / (last - peak)) : 1;
}

/**
 * Rises up to step floor(warmupFraction * totalSteps), then falls towards `finalFraction`, which a step after the last
 * would have.
 */
function triangularFactor(schedule: Triangular, step: number, { totalSteps }: Span): number {
  const peak = Math.floor(schedule.warmupFraction * totalSteps);
  if (step < peak) return linear(schedule.initialFraction, 1, step / peak);
  return linear(1, schedule.finalFraction, (step - peak) / (totalSteps - peak));
}

/** The factor after the warm-up. @param share of the steps after the warm-up that come before this one, 0 to below 1 */
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
 * The factor of the base learning rate at a step. Warm-up: (step + 1) / W over the first W = warmupEpochs *
 * stepsPerEpoch steps, so that no step has a rate of 0.
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
 * Learning rates of a parameter group for `count` steps from `first` on, as the executor expects them: f32 [count].
 * Zero after the group's epochs.
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
 * Decay and pull of lookahead for `count` steps from `first` on, f32 [count, 2]. The weights move every
 * `lookahead.every` steps and are unchanged between; after the last step they are set to the slow copy.
 */
export function lookaheadBlends(lookahead: Lookahead, span: Span, first: number, count: number): Float32Array {
  const blend = (done: number): [decay: number, pull: number] => {
    if (done % lookahead.every === 0) return [lookahead.decay * (done / span.totalSteps) ** lookahead.power, 1];
    return [1, done === span.totalSteps ? 1 : 0];
  };
  return Float32Array.from(Array.from({ length: count }, (_, i) => blend(first + i + 1)).flat());
}

/**
 * How much of the averages stays, and how much of the weights they take, for `count` steps from `first` on (counted
 * from 0 since the beginning of the run), f32 [count, 2].
 */
export function averagingShares({ decay, warmup }: Ema, first: number, count: number): Float32Array {
  const kept = (step: number) => (warmup ? Math.min(decay, (1 + step) / (10 + step)) : decay);
  const shares = Array.from({ length: count }, (_, i) => [kept(first + i), 1 - kept(first + i)]);
  return Float32Array.from(shares.flat());
}
