import type { JobState, Point, SweepSpec } from '@trainyard/contracts';
import { lossOf } from '../trial.js';

/** Of a complete sweep: its direction is chosen. */
export type Objective = SweepSpec['objectives'][number];

/** What is known of an epoch of a trial, as stored. */
export interface EpochValues {
  validationLoss: number;
  validationAccuracy: number;
}

/** A trial with what its job has done so far. */
export interface TrialState {
  number: number;
  point: Point;
  jobState: JobState;
  /** Which rung it may train to; without asha 0. */
  rung: number;
  /** From the first epoch. */
  epochs: readonly EpochValues[];
  trainingSeconds: number;
  parameters: number;
  /** By class; null until it is tested. */
  recall: Readonly<Record<string, number | null>> | null;
}

export const isActive = ({ jobState }: TrialState): boolean =>
  jobState === 'queued' || jobState === 'running' || jobState === 'pausing' || jobState === 'cancelling';

/** The losses of the first objective after each epoch; none where it is known at the end of the trial alone. */
export function epochLosses({ epochs }: TrialState, { metric, direction }: Objective): number[] {
  if (metric !== 'validationLoss' && metric !== 'validationAccuracy') return [];
  return epochs.map((epoch) => lossOf(epoch[metric], direction));
}

/** The losses of a trial whose job has succeeded, one an objective. */
export const resultOf = (trial: TrialState, objectives: readonly Objective[]): number[] =>
  objectives.map((objective) => {
    const { metric, direction } = objective;
    if (metric === 'trainingSeconds' || metric === 'parameters') return lossOf(trial[metric], direction);
    if (metric === 'recall') return lossOf(trial.recall?.[objective.class ?? ''] ?? Number.NaN, direction);
    return Math.min(Number.POSITIVE_INFINITY, ...epochLosses(trial, objective));
  });
