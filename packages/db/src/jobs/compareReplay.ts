import { isDeepStrictEqual } from 'node:util';
import {
  type EpochMetrics,
  isTerminal,
  type JobSpec,
  type JobState,
  type ReplayReport,
  replayTolerance,
} from '@trainyard/contracts';

/** What is compared of a job. */
export interface ReplayedJob {
  id: string;
  state: JobState;
  spec: JobSpec;
  /** From the first epoch. */
  epochs: EpochMetrics[];
  /** SHA-256 of the best weights; null: none are stored. */
  bestWeights: string | null;
}

const losses = ['trainLoss', 'validationLoss'] as const;
const accuracies = ['trainAccuracy', 'validationAccuracy'] as const;
const figures = [...losses, ...accuracies, 'learningRate'] as const;

const isEqual = (a: EpochMetrics, b: EpochMetrics): boolean => figures.every((name) => a[name] === b[name]);

function isClose(a: EpochMetrics, b: EpochMetrics): boolean {
  const isLossClose = (x: number, y: number) =>
    Math.abs(x - y) <= replayTolerance.loss * Math.max(Math.abs(x), Math.abs(y));
  return (
    a.learningRate === b.learningRate &&
    losses.every((name) => isLossClose(a[name], b[name])) &&
    accuracies.every((name) => Math.abs(a[name] - b[name]) <= replayTolerance.accuracy)
  );
}

/** Fields that say nothing about the training. */
const labels = new Set(['name', 'experiment', 'tags', 'notes', 'priority']);

const changedFields = (a: JobSpec, b: JobSpec): string[] =>
  Object.entries(a)
    .filter(([key, value]) => !labels.has(key) && !isDeepStrictEqual(value, b[key as keyof JobSpec]))
    .map(([key]) => key);

type Judged = Pick<ReplayReport, 'verdict' | 'message' | 'epoch'>;

/** Compares a job with the one that it replays. @param original null: it was deleted. */
export function compareReplay(replay: ReplayedJob, original: ReplayedJob | null, replayOf: string): ReplayReport {
  const pairs = replay.epochs.flatMap((epoch, i) => {
    const other = original?.epochs[i];
    return other ? [[epoch, other] as const] : [];
  });
  const firstDifference = pairs.find(([a, b]) => !isEqual(a, b))?.[0].epoch ?? null;
  const [mine, theirs] = [replay.bestWeights, original?.bestWeights ?? null];
  const weightsEqual = mine === null || theirs === null ? null : mine === theirs;
  const epochsCompared = pairs.length;
  const apart = pairs.find(([a, b]) => !isClose(a, b))?.[0].epoch ?? null;
  return {
    jobId: replay.id,
    replayOf,
    ...judge(replay, original, { apart, epochsCompared, isBitwise: firstDifference === null && weightsEqual === true }),
    epochsCompared,
    firstDifference,
    weightsEqual,
    changed: original ? changedFields(original.spec, replay.spec) : [],
  };
}

interface Compared {
  /** The first epoch that is not close. */
  apart: number | null;
  epochsCompared: number;
  isBitwise: boolean;
}

function judge(
  replay: ReplayedJob,
  original: ReplayedJob | null,
  { apart, epochsCompared, isBitwise }: Compared,
): Judged {
  const so = `after ${epochsCompared} equal or close epochs`;
  const without = (verdict: ReplayReport['verdict'], message: string): Judged => ({ verdict, message, epoch: null });
  if (original === null) return without('incomplete', 'the original job was deleted');
  if (apart !== null) return { verdict: 'diverged', message: `diverged at epoch ${apart}`, epoch: apart };
  for (const { id, state } of [replay, original]) {
    if (!isTerminal(state)) return without('pending', `job ${id} is ${state}, ${so}`);
  }
  for (const { id, state } of [replay, original]) {
    if (state !== 'succeeded') return without('incomplete', `job ${id} is ${state}, ${so}`);
  }
  if (replay.epochs.length !== original.epochs.length) {
    const epoch = epochsCompared + 1;
    return { verdict: 'diverged', message: `diverged at epoch ${epoch}, which only one of them has`, epoch };
  }
  return isBitwise ? without('bitwiseEqual', 'bitwise equal') : without('withinTolerance', 'within tolerance');
}
