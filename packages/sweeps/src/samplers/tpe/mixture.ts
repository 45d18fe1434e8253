import type { Parameter } from '@trainyard/contracts';
import { scaleOf } from '../../space/values.js';
import type { Draws } from '../draws.js';
import { ChoiceKernels, type Kernels, RangeKernels, WholeKernels } from './kernels.js';

/** Observations beyond this number, the oldest, weigh less the older they are (Bergstra et al. 2013). */
const fullWeights = 25;

/**
 * A mixture over several parameters together: for each trial a product of one kernel a parameter, and one product for
 * the prior, with the weight of one trial (multivariate, as in Falkner et al. 2018, arXiv 1807.01774).
 */
export class Mixture {
  readonly #kernels: Kernels[];
  readonly #weights: Float64Array;
  readonly #logWeights: Float64Array;
  readonly #sums: Float64Array;

  /** @param columns of each parameter the observed places or indices, oldest first */
  constructor(parameters: readonly Parameter[], columns: readonly Float64Array[]) {
    const count = columns[0]?.length ?? 0;
    this.#kernels = parameters.map((parameter, i) => {
      const observed = columns[i] as Float64Array;
      if (parameter.type === 'choice') return new ChoiceKernels(parameter.values.length, observed);
      return scaleOf(parameter).whole ? new WholeKernels(parameter, observed) : new RangeKernels(observed);
    });
    this.#weights = weightsOf(count);
    this.#logWeights = this.#weights.map(Math.log);
    this.#sums = new Float64Array(count + 1);
  }

  /** A place or index of each parameter. */
  draw(draws: Draws): number[] {
    let rest = draws.unit();
    const drawn = this.#weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    const kernel = drawn === -1 ? this.#weights.length - 1 : drawn;
    return this.#kernels.map((kernels) => kernels.draw(kernel, draws));
  }

  /** Logarithm of the density at a place or index of each parameter. */
  logDensity(places: readonly number[]): number {
    const sums = this.#sums;
    sums.set(this.#logWeights);
    for (const [i, kernels] of this.#kernels.entries()) kernels.addLogDensities(places[i] as number, sums);
    return logSumExp(sums);
  }
}

/** Of the observations and the prior; their sum is 1. */
function weightsOf(count: number): Float64Array {
  const weights = new Float64Array(count + 1).fill(1);
  const ramp = count - fullWeights;
  for (let i = 0; i < ramp; i++) weights[i] = ramp === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * i) / (ramp - 1);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function logSumExp(terms: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < terms.length; i++) largest = Math.max(largest, terms[i] as number);
  let sum = 0;
  for (let i = 0; i < terms.length; i++) {
    const below = (terms[i] as number) - largest;
    // What is left out is less than the last digit of the sum.
    if (below > -40) sum += Math.exp(below);
  }
  return largest + Math.log(sum);
}
