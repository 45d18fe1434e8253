import { Draws, purposes } from './draws.js';

/** Bases of the dimensions: the first 32 primes, one for each parameter that a space may have. */
const primes = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
  113, 127, 131,
];

/** Digits are drawn until they would change the result by less than this. */
const resolution = 2 ** -32;

/**
 * Point `index` of a scrambled Halton sequence, in [0, 1) in each dimension (Halton 1960; every digit goes through a
 * random permutation of its own, as in Owen 2017, "A randomized Halton algorithm in R", arXiv 1706.02808).
 */
export function haltonPoint(dimensions: number, index: number, seed: number): number[] {
  return Array.from({ length: dimensions }, (_, dimension) => {
    const base = primes[dimension % primes.length] as number;
    let rest = index;
    let [value, place] = [0, 1 / base];
    for (let digit = 0; place > resolution; digit++) {
      value += permuted(rest % base, base, dimension * 64 + digit, seed) * place;
      rest = Math.floor(rest / base);
      place /= base;
    }
    return Math.min(value, 1 - resolution);
  });
}

/** Where a random permutation of 0 … base - 1 takes a digit. */
function permuted(digit: number, base: number, stream: number, seed: number): number {
  const draws = new Draws(seed, purposes.halton, stream);
  const order = Array.from({ length: base }, (_, i) => i);
  for (let last = base - 1; last > 0; last--) {
    const other = draws.below(last + 1);
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order[digit] as number;
}
