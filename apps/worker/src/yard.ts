import type { DiskArtifactStore } from '@trainyard/artifacts';
import type { ExecutorChoice, ExecutorInfo } from '@trainyard/contracts';
import type { DatasetStore } from '@trainyard/datasets';
import type { Database } from '@trainyard/db';
import type { Logger } from 'pino';
import type { WorkerMetrics } from './metrics.js';
import type { WarmTrainer } from './warmTrainer.js';

/** What every attempt of a worker works with. */
export interface Yard {
  workerId: string;
  database: Database;
  artifacts: DiskArtifactStore;
  datasets: DatasetStore;
  trainers: WarmTrainer;
  executor: ExecutorChoice;
  /** The device that this worker may use: `auto`, `cpu`, `cuda` or `cuda:<number>`. */
  device: string;
  /** Called with what a trainer computes with. */
  onExecutor(info: ExecutorInfo): void;
  metrics: WorkerMetrics;
  logger: Logger;
}
