import type { SearchSpace } from '@trainyard/contracts';
import { type Dimension, dimensionsOf } from '../space/dimensions.js';
import { choiceIndex, scaleOf, toUnit, valueCount } from '../space/values.js';
import type { Trial } from '../trial.js';
import { hasResult } from './pareto.js';
import { ranked } from './ranked.js';
import { scottDensity } from './scottDensity.js';

/** Share of the trials that counts as good. */
const goodShare = 0.1;
/** A range is divided into so many cells. */
const cells = 50;
/** With fewer trials that have a parameter, nothing is said of it. */
const fewest = 2;

/**
 * How much each parameter matters for a result among the best tenth: PED-ANOVA (Watanabe et al. 2023, IJCAI, arXiv
 * 2304.10255, equation 16): the Pearson divergence between the density of a parameter's values in the good trials and
 * that in all. A parameter that only some trials have counts by the share of the good trials that have it (conditional
 * PED-ANOVA, arXiv 2601.20800).
 *
 * @returns shares by path, which sum to 1, the largest first; all 0 where the trials show no difference
 */
export function importanceOf(space: SearchSpace, trials: readonly Trial[]): Record<string, number> {
  const results = ranked(trials.filter(hasResult));
  const good = new Set(results.slice(0, Math.ceil(goodShare * results.length)));
  const raw = dimensionsOf(space).map((dimension): [string, number] => [
    dimension.path,
    divergence(dimension, results, good),
  ]);
  const sum = raw.reduce((total, [, value]) => total + value, 0);
  const shares = raw.map(([path, value]): [string, number] => [path, sum > 0 ? value / sum : 0]);
  return Object.fromEntries(shares.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

function divergence(dimension: Dimension, results: readonly Trial[], good: ReadonlySet<Trial>): number {
  const having = results.filter(({ point }) => dimension.path in point);
  const goodHaving = having.filter((trial) => good.has(trial));
  const count = cellCount(dimension);
  if (having.length < fewest || goodHaving.length === 0 || count < 2) return 0;
  const densities = [goodHaving, having].map((some) => densityOf(dimension, some, count)) as [number[], number[]];
  const [top, all] = densities;
  const sum = all.reduce((total, share, i) => total + share * ((top[i] as number) / share - 1) ** 2, 0);
  const [goodPart, part] = [goodHaving.length / good.size, having.length / results.length];
  return (goodPart ** 2 / part) * sum;
}

const cellCount = ({ parameter }: Dimension): number =>
  parameter.type === 'choice' ? parameter.values.length : Math.min(cells, valueCount(parameter));

/** Share of each cell, all above 0. */
function densityOf({ path, parameter }: Dimension, trials: readonly Trial[], count: number): number[] {
  const counts = new Array<number>(count).fill(0);
  for (const { point } of trials) {
    const value = point[path];
    const cell =
      parameter.type === 'choice'
        ? choiceIndex(parameter.values, value)
        : Math.min(count - 1, Math.max(0, Math.floor(toUnit(scaleOf(parameter), Number(value)) * count)));
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  if (parameter.type !== 'choice') return scottDensity(counts);
  // One more trial, spread evenly.
  return counts.map((each) => (each + 1 / count) / (trials.length + 1));
}
