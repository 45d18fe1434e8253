import { mixes, parameterGroups, permutation, type SlotData, slotNames, streams } from '@trainyard/program';
import { mixings } from '../plan/mixing.js';
import { averagingShares, groupRates, lookaheadBlends } from '../plan/schedule.js';
import type { TrainingPlan } from '../plan/trainingPlan.js';

/** Feeds by slot name, each `[steps, ...shape]`. */
export type Feeds = Record<string, SlotData>;

/** The images of one epoch in the order of training: each of `images` once. i32 [n] */
export function epochOrder(images: Int32Array, seed: number, epoch: number): Int32Array {
  return permutation(images.length, seed, streams.epochOrder, epoch).map((position) => images[position] as number);
}

/** Step counters `first … first + count - 1`, i32 [count]. */
export function stepNumbers(first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => first + i);
}

/** Consecutive steps with batches of one size within an epoch. */
export interface StepRange {
  /** From `epochOrder`. */
  order: Int32Array;
  /** Where in `order` the first batch starts. */
  from: number;
  batchSize: number;
  /** From 0. */
  epoch: number;
  /** Number of the first step since the beginning of the run, from 0. */
  firstStep: number;
  steps: number;
}

/** Feeds of training steps: the images, and every value that the spec changes from step to step or epoch to epoch. */
export function trainFeeds(plan: TrainingPlan, range: StepRange): Feeds {
  const { order, from, batchSize, epoch, firstStep, steps } = range;
  const { spec, model, span } = plan;
  const feeds: Feeds = {
    [slotNames.indices]: order.subarray(from, from + steps * batchSize),
    [slotNames.step]: stepNumbers(firstStep, steps),
  };
  for (const group of parameterGroups(model, spec.optimizer)) {
    feeds[group.rateSlot] = groupRates(spec, group, span, firstStep, steps);
  }
  if (spec.augmentation.flip === 'alternating') feeds[slotNames.epoch] = new Int32Array(steps).fill(epoch);
  if (spec.lookahead) feeds[slotNames.lookahead] = lookaheadBlends(spec.lookahead, span, firstStep, steps);
  if (spec.ema) feeds[slotNames.averaging] = averagingShares(spec.ema, firstStep, steps);
  if (mixes(spec.augmentation)) feeds[slotNames.mixing] = mixings(spec, plan.dataset.imageShape, firstStep, steps);
  return feeds;
}
