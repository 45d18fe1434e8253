import type { Owner } from './checkpointFiles.js';
import type { TrainerProcess } from './trainerProcess.js';

/** An attempt under way. */
export interface Run extends Owner {
  trainer: TrainerProcess;
  /** What the trainer was told, beyond its job. */
  asked: 'nothing' | 'suspend' | 'cancel';
  /** Aborted when the worker is to end. */
  shutdown: AbortSignal;
  /** The database has said that another attempt owns the job. */
  stale: boolean;
  /** A checkpoint to go on from turned out to be damaged. */
  damaged: boolean;
}
