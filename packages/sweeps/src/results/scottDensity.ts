import { normalShare } from '../samplers/tpe/normal.js';

/** So that 90 % of a kernel are within its own cell, at least. */
const narrowest = 0.5 / 1.64;

/**
 * A smoothed histogram: a normal kernel for each observation, as wide as Scott's rule says (Scott 1992, "Multivariate
 * density estimation"), cut off at the ends, and one more over the whole range.
 * @param counts observations in each cell
 * @returns the share of each cell; their sum is 1
 */
export function scottDensity(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = counts.reduce((sum, count, cell) => sum + count * cell, 0) / total;
  const squares = counts.reduce((sum, count, cell) => sum + count * (cell - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, total - 1));
  const spread = Math.min(deviation, (quantile(counts, (total * 3) / 4) - quantile(counts, total / 4)) / 1.34);
  const width = Math.max(narrowest, 1.059 * spread * total ** -0.2);
  const density = new Array<number>(counts.length).fill(0);
  const add = (cell: number, kernelWidth: number, weight: number) => {
    const shareBelow = (edge: number) => normalShare((edge - cell) / kernelWidth);
    const inside = shareBelow(counts.length - 0.5) - shareBelow(-0.5);
    for (let i = 0; i < counts.length; i++) {
      const share = (shareBelow(i + 0.5) - shareBelow(i - 0.5)) / inside;
      density[i] = (density[i] as number) + (weight * share) / (total + 1);
    }
  };
  for (const [cell, count] of counts.entries()) if (count > 0) add(cell, width, count);
  add((counts.length - 1) / 2, counts.length, 1);
  return density.map((share) => Math.max(share, 1e-12));
}

/** The cell with the observation of this place in ascending order. */
function quantile(counts: readonly number[], place: number): number {
  let sum = 0;
  const cell = counts.findIndex((count) => {
    sum += count;
    return sum >= place && count > 0;
  });
  return Math.max(0, cell);
}
