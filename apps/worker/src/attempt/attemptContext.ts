import type { Logger } from 'pino';
import type { TrainerProcess } from '../supervision/trainerProcess.js';
import type { WorkerContext } from '../workerContext.js';

/** An attempt that this worker has opened. */
export interface AttemptContext {
  context: WorkerContext;
  log: Logger;
  jobId: string;
  attempt: number;
  /** Fencing token: every write to the database carries it. */
  token: string;
}

/** An attempt whose trainer runs. */
export interface TrainerRun extends AttemptContext {
  trainer: TrainerProcess;
  /** Complete epochs of the job, as the trainer has reported them. */
  epochs: number;
  /** How the trainer was last asked to end. */
  requested: 'nothing' | 'suspend' | 'cancel';
  /** Aborted when the worker shuts down. */
  shutdown: AbortSignal;
  /** The database has answered that another attempt owns the job. */
  stale: boolean;
  /** The last progress could not be written: of such failures in sequence, only the first is logged. */
  progressFails: boolean;
  /** The trainer has found the checkpoint to resume from damaged. */
  damaged: boolean;
}
