import type { Stopper } from '@trainyard/contracts';

type Asha = Extract<Stopper, { type: 'asha' }>;

/**
 * Epochs at which a trial is compared: firstRung, then reductionFactor times as many for each further rung, and last
 * the top rung.
 * @param epochs of the job spec
 */
export function rungsOf({ firstRung, reductionFactor, topRung }: Asha, epochs: number): number[] {
  const top = Math.min(epochs, topRung ?? epochs);
  const rungs: number[] = [];
  for (let rung = firstRung; rung < top; rung *= reductionFactor) rungs.push(rung);
  return [...rungs, top];
}

/** The smallest of the losses of the first so many epochs: a trial is judged by its best epoch, not by its last. */
export const bestSoFar = (losses: readonly number[], epochs: number): number =>
  losses.slice(0, epochs).reduce((best, loss) => Math.min(best, loss), Number.POSITIVE_INFINITY);
