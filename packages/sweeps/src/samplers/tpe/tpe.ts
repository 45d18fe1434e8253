import type { Parameter, Point, Sampler } from '@trainyard/contracts';
import { bestOf } from '../../results/ranked.js';
import { type Dimension, isActive } from '../../space/dimensions.js';
import { choiceIndex, fromUnit, scaleOf, toUnit } from '../../space/values.js';
import type { Trial } from '../../trial.js';
import { Draws, purposes } from '../draws.js';
import type { Tried } from '../tried.js';
import { Mixture } from './mixture.js';

type TpeSampler = Extract<Sampler, { type: 'tpe' }>;

/** Whether a trial has ended, so that it counts for the split into good and bad. */
export const isRanked = ({ losses }: Trial): boolean => losses !== 'running';

/** How many of so many trials count as good: 15 % (Watanabe 2023, section 5), and at most 25 (Optuna). */
const goodTrials = (count: number): number => Math.min(Math.ceil(0.15 * count), 25);

/**
 * Tree-structured Parzen estimators (Bergstra et al. 2011, "Algorithms for hyper-parameter optimization"; Watanabe
 * 2023, arXiv 2304.11127): of points drawn from the density l of good trials, the one with the largest l/g, where g is
 * the density of all others. Parameters are modelled together; where conditions hold in some trials only, those of one
 * condition form a group, which is modelled by the trials that have it. Trials that are running count as bad (constant
 * liar, Ginsbourger et al. 2010), so that trials that run at the same time differ; so do trials that have failed.
 * Defaults are those of Optuna 5: 10 trials before, 24 candidates.
 *
 * @returns null where every candidate has been tried
 */
export function proposeByTpe(
  dimensions: readonly Dimension[],
  trials: readonly Trial[],
  { candidates }: TpeSampler,
  seed: number,
  tried: Tried,
): Point | null {
  const { good, bad } = split(trials);
  const draws = new Draws(seed, purposes.tpe, trials.length);
  const groups = groupsOf(dimensions).map((group) => ({
    group,
    good: mixtureOf(group, good),
    bad: mixtureOf(group, bad),
  }));
  let best: { point: Point; ratio: number } | null = null;
  for (let i = 0; i < candidates; i++) {
    const candidate = drawCandidate(groups, draws);
    if (tried.has(candidate.point)) continue;
    if (!best || candidate.ratio > best.ratio) best = candidate;
  }
  return best?.point ?? null;
}

interface Group {
  group: readonly Dimension[];
  good: Mixture;
  bad: Mixture;
}

/** A point drawn from l, group by group, and the logarithm of l/g there. */
function drawCandidate(groups: readonly Group[], draws: Draws): { point: Point; ratio: number } {
  const point: Point = {};
  let ratio = 0;
  for (const { group, good, bad } of groups) {
    const [first] = group;
    if (!first || !isActive(first, point)) continue;
    const places = good.draw(draws);
    ratio += good.logDensity(places) - bad.logDensity(places);
    for (const [i, dimension] of group.entries()) point[dimension.path] = valueAt(dimension, places[i] as number);
  }
  return { point, ratio };
}

function split(trials: readonly Trial[]): { good: Trial[]; bad: Trial[] } {
  const ended = trials.filter(isRanked);
  const best = new Set(bestOf(ended, goodTrials(ended.length)));
  const byNumber = trials.every(({ number }, i) => number === i)
    ? trials
    : trials.toSorted((a, b) => a.number - b.number);
  return { good: byNumber.filter((trial) => best.has(trial)), bad: byNumber.filter((trial) => !best.has(trial)) };
}

/** Dimensions with the same conditions, in order. */
function groupsOf(dimensions: readonly Dimension[]): Dimension[][] {
  const groups = new Map<string, Dimension[]>();
  for (const dimension of dimensions) {
    const key = JSON.stringify(Object.entries(dimension.parameter.when).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key);
    if (group) group.push(dimension);
    else groups.set(key, [dimension]);
  }
  return [...groups.values()];
}

function mixtureOf(group: readonly Dimension[], trials: readonly Trial[]): Mixture {
  const isAlways = group.every(({ parameter }) => Object.keys(parameter.when).length === 0);
  const having = isAlways ? trials : trials.filter(({ point }) => group.every(({ path }) => path in point));
  const columns = group.map(({ path, parameter }) => {
    const place = placeOf(parameter);
    const column = new Float64Array(having.length);
    for (let i = 0; i < column.length; i++) column[i] = place(having[i]?.point[path]);
    return column;
  });
  return new Mixture(
    group.map(({ parameter }) => parameter),
    columns,
  );
}

/** From a value to its place in [0, 1], or its index. */
function placeOf(parameter: Parameter): (value: unknown) => number {
  if (parameter.type === 'choice') return (value) => choiceIndex(parameter.values, value);
  const scale = scaleOf(parameter);
  return (value) => Math.min(1, Math.max(0, toUnit(scale, Number(value))));
}

const valueAt = ({ parameter }: Dimension, place: number): unknown =>
  parameter.type === 'choice' ? parameter.values[place] : fromUnit(parameter, place);
