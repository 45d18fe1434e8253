import type {
  Dataset,
  JobSpec,
  StoredWeights,
  TestedCheckpoint,
  TrainerMessage,
  TrainingLimit,
} from '@trainyard/contracts';
import type { Executor } from '@trainyard/program';
import type { TrainingSignal } from './trainingSignal.js';

export interface TrainOptions {
  jobId: string;
  attempt: number;
  spec: JobSpec;
  dataset: Dataset;
  /** Path of the packed dataset file. */
  datasetFile: string;
  /** Folder of the checkpoint to resume from; null: start from the beginning. */
  resumeFrom: string | null;
  /** Folder of the best checkpoint so far where it is not `resumeFrom`; null: none. */
  bestSoFar: string | null;
  /** Trains nothing, and tests this checkpoint. Absent: a training. */
  tests?: TestedCheckpoint | null;
  /** What the weights start from where nothing is resumed. Absent: from the seed. */
  initialWeights?: StoredWeights | null;
  /** Checkpoints are written into new folders below this one; the receiver of the message moves or removes them. */
  stagingFolder: string;
  /** When training ends with the epoch, counted from the call of `train`. Absent: it has no limit. */
  limit?: TrainingLimit | null;
  executor: Executor;
  /** Memory that this process may use: a training on the CPU that needs more fails at once. Absent: any. */
  memoryBytes?: number;
  signal: TrainingSignal;
  /** Called with one message at a time, and awaited. */
  emit: (message: TrainerMessage) => void | Promise<void>;
}
