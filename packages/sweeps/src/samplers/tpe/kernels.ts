import type { RangeParameter } from '@trainyard/contracts';
import { fromUnit, scaleOf, toUnit } from '../../space/values.js';
import type { Draws } from '../draws.js';
import { logConstant, logShare, normalShare } from './normal.js';

/**
 * What a mixture has of one parameter: a kernel for each observation, and last one for the prior. Observations are
 * places in [0, 1] or indices of choices.
 */
export interface Kernels {
  /** Draws a place or an index from one kernel. */
  draw(kernel: number, draws: Draws): number;
  /** Adds the logarithm of each kernel's density at a place to `sums`. */
  addLogDensities(place: number, sums: Float64Array): void;
}

/** Narrowest kernel as a share of the range: 1/100, wider with few observations (Bergstra et al. 2013). */
const narrowest = (kernels: number): number => 1 / Math.min(100, 1 + kernels);

/**
 * Normal kernels, cut off at the ends of the range. Each is as wide as the larger gap to its neighbours; the first and
 * last have one neighbour. The prior is as wide as the range (Bergstra et al. 2011; Watanabe 2023, arXiv 2304.11127).
 */
export class RangeKernels implements Kernels {
  readonly #means: Float64Array;
  readonly #widths: Float64Array;
  /** Logarithms of the factor of each kernel that makes its integral 1. */
  readonly #logFactors: Float64Array;

  constructor(observed: Float64Array) {
    this.#means = new Float64Array(observed.length + 1).fill(0.5);
    this.#means.set(observed);
    this.#widths = widthsOf(observed);
    this.#logFactors = new Float64Array(this.#means.length);
    for (let i = 0; i < this.#means.length; i++) this.#logFactors[i] = this.#logFactorOf(i);
  }

  #logFactorOf(kernel: number): number {
    const width = this.#widths[kernel] as number;
    return logFactor(this.#means[kernel] as number, width) - Math.log(width) - logConstant;
  }

  draw(kernel: number, draws: Draws): number {
    return drawWithin(this.#means[kernel] as number, this.#widths[kernel] as number, draws);
  }

  addLogDensities(place: number, sums: Float64Array): void {
    const [means, widths, factors] = [this.#means, this.#widths, this.#logFactors];
    for (let i = 0; i < sums.length; i++) {
      const distance = (place - (means[i] as number)) / (widths[i] as number);
      sums[i] = (sums[i] as number) + (factors[i] as number) - 0.5 * distance * distance;
    }
  }
}

/** As `RangeKernels`, for whole numbers: each has the share of its cell. Equal observations have one kernel. */
export class WholeKernels implements Kernels {
  readonly #means: number[] = [];
  readonly #widths: number[] = [];
  /** The kernel of each observation, and that of the prior. */
  readonly #kernels: Uint32Array;

  constructor(
    private readonly parameter: RangeParameter,
    observed: Float64Array,
  ) {
    const widths = widthsOf(observed);
    const kernels = new Map<number, number>();
    this.#kernels = Uint32Array.from(observed, (mean, i) => {
      const known = kernels.get(mean);
      if (known !== undefined) return known;
      kernels.set(mean, this.#means.length);
      return this.#add(mean, widths[i] as number);
    });
    const prior = this.#add(0.5, 1);
    this.#kernels = Uint32Array.from([...this.#kernels, prior]);
  }

  /** @returns the number of the kernel */
  #add(mean: number, width: number): number {
    this.#widths.push(width);
    return this.#means.push(mean) - 1;
  }

  draw(observation: number, draws: Draws): number {
    const kernel = this.#kernels[observation] as number;
    return drawWithin(this.#means[kernel] as number, this.#widths[kernel] as number, draws);
  }

  addLogDensities(place: number, sums: Float64Array): void {
    const scale = scaleOf(this.parameter);
    const value = fromUnit(this.parameter, place);
    const [from, to] = [toUnit(scale, value - 0.5), toUnit(scale, value + 0.5)];
    const shares = this.#means.map((mean, i) => {
      const width = this.#widths[i] as number;
      return logFactor(mean, width) + logShare((from - mean) / width, (to - mean) / width);
    });
    for (let i = 0; i < sums.length; i++)
      sums[i] = (sums[i] as number) + (shares[this.#kernels[i] as number] as number);
  }
}

/** Beyond so many widths, less of a normal distribution is left than `normalShare` is off by. */
const farAway = 5.5;

function logFactor(mean: number, width: number): number {
  if (mean > farAway * width && 1 - mean > farAway * width) return 0;
  return -Math.log(normalShare((1 - mean) / width) - normalShare(-mean / width));
}

function drawWithin(mean: number, width: number, draws: Draws): number {
  // At least a third of each kernel is within the range.
  for (;;) {
    const place = mean + width * draws.normal();
    if (place >= 0 && place <= 1) return place;
  }
}

/** The width of each kernel, the prior's last. */
function widthsOf(observed: Float64Array): Float64Array {
  const count = observed.length;
  const least = narrowest(count + 1);
  const widths = new Float64Array(count + 1).fill(least);
  widths[count] = 1;
  const isCrowded = crowdedCells(observed, least / 2);
  let sorted: Float64Array | null = null;
  for (let i = 0; i < count; i++) {
    const place = observed[i] as number;
    if (isCrowded(place)) continue;
    sorted ??= observed.toSorted();
    const at = firstNotBelow(sorted, place);
    const before = at > 0 ? place - (sorted[at - 1] as number) : 0;
    const after = at < count - 1 ? (sorted[at + 1] as number) - place : 0;
    // An observation that is alone has the ends of the range as neighbours.
    const gap = count === 1 ? Math.max(place, 1 - place) : Math.max(before, after);
    widths[i] = Math.min(1, Math.max(least, gap));
  }
  return widths;
}

/**
 * Whether there are observations in the cells on both sides of a place, so that it is within two cells of its
 * neighbours: of thousands of trials, nearly all are, and need not be sorted.
 */
function crowdedCells(observed: Float64Array, size: number): (place: number) => boolean {
  const counts = new Uint8Array(Math.ceil(1 / size) + 3);
  const cell = (place: number) => Math.floor(place / size) + 1;
  // Beyond the ends there are no neighbours to be far from.
  counts[0] = 1;
  counts[cell(1) + 1] = 1;
  for (let i = 0; i < observed.length; i++) counts[cell(observed[i] as number)] = 1;
  return (place) => counts[cell(place) - 1] === 1 && counts[cell(place) + 1] === 1;
}

function firstNotBelow(sorted: Float64Array, place: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A kernel is mostly its own choice; the others share what one more observation for every kernel has. */
export class ChoiceKernels implements Kernels {
  readonly #own: number;
  readonly #other: number;

  /** @param observed indices of choices */
  constructor(
    private readonly choices: number,
    private readonly observed: Float64Array,
  ) {
    const kernels = observed.length + 1;
    const total = 1 + choices / kernels;
    this.#own = (1 + 1 / kernels) / total;
    this.#other = 1 / kernels / total;
  }

  draw(kernel: number, draws: Draws): number {
    const unit = draws.unit();
    const own = this.observed[kernel];
    if (own === undefined) return Math.floor(unit * this.choices);
    const excess = this.#own - this.#other;
    if (unit < excess) return own;
    return Math.min(this.choices - 1, Math.floor((unit - excess) / this.#other));
  }

  addLogDensities(place: number, sums: Float64Array): void {
    const [own, other] = [Math.log(this.#own), Math.log(this.#other)];
    const { observed } = this;
    for (let i = 0; i < observed.length; i++) sums[i] = (sums[i] as number) + (observed[i] === place ? own : other);
    sums[observed.length] = (sums[observed.length] as number) - Math.log(this.choices);
  }
}
