import type { ComparedPair } from '@trainyard/contracts';
import { discordant, type Hits } from './hits.js';
import { holm, mcNemar } from './statistics.js';

export interface TestedRun {
  jobId: string;
  /** The job that trained the tested weights. */
  training: string;
  /** Equal for runs whose specs differ in the seed alone. */
  seedGroup: string;
  /** Of the test; null: it was not tested. */
  accuracy: number | null;
  /** Null: no predictions are kept. */
  predicted: { testSet: string; hits: Hits } | null;
}

/** Adjusted p-values below this are significant. */
const level = 0.05;

const untested = { onlyA: null, onlyB: null, method: null, statistic: null, p: null };

/**
 * Every pair of runs, in their order. McNemar's test asks whether two networks differ. With 10,000 images two seeds of
 * one spec often do, by a point; which of them is better is chance all the same, so they are never significant.
 */
export function comparePairs(runs: readonly TestedRun[]): ComparedPair[] {
  const pairs = runs.flatMap((a, i) => runs.slice(i + 1).map((b) => comparePair(a, b)));
  const adjusted = holm(pairs.flatMap(({ p }) => (p === null ? [] : [p])));
  let next = 0;
  return pairs.map((pair) => {
    if (pair.p === null) return { ...pair, adjustedP: null, significant: null };
    const adjustedP = adjusted[next++] as number;
    return { ...pair, adjustedP, significant: adjustedP < level && !pair.sameSpec };
  });
}

function comparePair(a: TestedRun, b: TestedRun): Omit<ComparedPair, 'adjustedP' | 'significant'> {
  // Two checkpoints of one training have one seed.
  const sameSpec = a.seedGroup === b.seedGroup && a.training !== b.training;
  const both = { a: a.jobId, b: b.jobId, sameSpec };
  const difference = a.accuracy === null || b.accuracy === null ? null : a.accuracy - b.accuracy;
  const reason = whyNot(a) ?? whyNot(b);
  if (reason !== null || a.predicted === null || b.predicted === null)
    return { ...both, difference, ...untested, reason };
  if (a.predicted.testSet !== b.predicted.testSet)
    return { ...both, difference, ...untested, reason: 'the jobs were tested on different images' };
  const counts = discordant(a.predicted.hits, b.predicted.hits);
  return { ...both, difference, ...counts, ...mcNemar(counts.onlyA, counts.onlyB), reason: null };
}

function whyNot({ jobId, accuracy, predicted }: TestedRun): string | null {
  if (accuracy === null) return `${jobId} was not tested`;
  return predicted === null ? `no predictions of ${jobId} are kept` : null;
}
