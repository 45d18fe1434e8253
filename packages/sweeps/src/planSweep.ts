import type { SweepSpec } from '@trainyard/contracts';
import { dimensionsOf } from './space/dimensions.js';
import { enumerate, take } from './space/enumerate.js';
import { allValues, gridValues, valueCount } from './space/values.js';
import { rungsOf } from './stoppers/rungs.js';

/** At most so many trials and epochs; fewer where a budget of seconds or a stopper of the jobs ends them earlier. */
export interface SweepPlan {
  trials: number;
  epochs: number;
}

/**
 * What a sweep will take.
 * @param sweep without faults
 * @param epochs of the job spec
 */
export function planSweep({ space, sampler, stopper, budget }: SweepSpec, epochs: number): SweepPlan {
  const dimensions = dimensionsOf(space);
  const hasEnd = dimensions.every(({ parameter }) => Number.isFinite(valueCount(parameter)));
  const valuesOf = sampler.type === 'grid' ? gridValues : allValues;
  const isLimited = sampler.type === 'grid' || hasEnd;
  const points = enumerate(dimensions, ({ parameter }) => valuesOf(parameter));
  const trials = isLimited ? take(points, budget.trials).length : budget.trials;
  const needed =
    stopper.type === 'asha' ? ashaEpochs(rungsOf(stopper, epochs), stopper.reductionFactor, trials) : trials * epochs;
  return { trials, epochs: Math.min(needed, budget.epochs ?? needed) };
}

/** Of n trials, n / reductionFactor go on to each next rung. */
function ashaEpochs(rungs: readonly number[], reductionFactor: number, trials: number): number {
  return rungs.reduce((sum, rung, i) => {
    const reaching = Math.floor(trials / reductionFactor ** i);
    return sum + reaching * (rung - (rungs[i - 1] ?? 0));
  }, 0);
}
