import type { CheckpointManifest, TrainingPosition } from '@trainyard/contracts';
import type { Weights } from './slots.js';

/** The value of a metric and the epoch (from 1) that reached it. */
export type BestValue = Pick<NonNullable<CheckpointManifest['best']>, 'epoch' | 'value'>;

/** An epoch, from 1, such as the best so far, and its weights, copied to the host. */
export interface BestEpoch {
  epoch: number;
  weights: Weights;
}

/** The state of a training besides what is in the executor's slots. */
export interface TrainingState {
  position: TrainingPosition;
  /** The best epoch so far by the checkpoint's metric. */
  best: CheckpointManifest['best'];
  /** The last epoch that improved enough for early stopping. */
  improved: BestValue | null;
  /** Seconds that training has taken in the current epoch, in all attempts. */
  trainSeconds: number;
}

export const startingState = (): TrainingState => ({
  position: { epoch: 0, step: 0, globalStep: 0 },
  best: null,
  improved: null,
  trainSeconds: 0,
});
