import type { DiskArtifactStore } from '@trainyard/artifacts';
import type { ExecutorChoice, ExecutorInfo } from '@trainyard/contracts';
import type { DatasetStores } from '@trainyard/datasets';
import type { Database } from '@trainyard/db';
import type { Logger } from 'pino';
import type { WarmTrainer } from './supervision/warmTrainer.js';
import type { WorkerMetrics } from './workerMetrics.js';

/** The services and settings that every attempt of a worker uses. */
export interface WorkerContext {
  workerId: string;
  database: Database;
  artifacts: DiskArtifactStore;
  datasets: DatasetStores;
  trainers: WarmTrainer;
  executor: ExecutorChoice;
  /** The device that this worker may use: `auto`, `cpu`, `cuda`, `cuda:<number>` or `torch:cpu`. */
  device: string;
  /** Called with the executor and device that a trainer uses. */
  onExecutor(info: ExecutorInfo): void;
  metrics: WorkerMetrics;
  logger: Logger;
}
