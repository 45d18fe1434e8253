import type { DiskArtifactStore } from '@trainyard/artifacts';
import { type ExecutorChoice, type ExecutorInfo, SettingError } from '@trainyard/contracts';
import type { DatasetStores } from '@trainyard/datasets';
import type { Database } from '@trainyard/db';
import type { Logger } from 'pino';
import type { WarmTrainer } from './supervision/warmTrainer.js';
import type { WorkerMetrics } from './workerMetrics.js';

/** The folders that every job needs. */
export interface Folders {
  artifacts: DiskArtifactStore;
  datasets: DatasetStores;
}

/** Why the worker cannot use its folders, without a path; null: it can. */
export async function folderFault({ artifacts, datasets }: Folders): Promise<string | null> {
  try {
    await artifacts.check();
    await datasets.check();
    return null;
  } catch (error) {
    if (error instanceof SettingError) return error.message;
    throw error;
  }
}

/** The services and settings that every attempt of a worker uses. */
export interface WorkerContext extends Folders {
  workerId: string;
  database: Database;
  trainers: WarmTrainer;
  executor: ExecutorChoice;
  /** The device that this worker may use: `auto`, `cpu`, `cuda`, `cuda:<number>` or `torch:cpu`. */
  device: string;
  /** How many workers of this process share its memory. */
  shares: number;
  /** What an hour of this worker costs; null: unknown. */
  costPerHour: number | null;
  /** Called with the executor and device that a trainer uses. */
  onExecutor(info: ExecutorInfo): void;
  metrics: WorkerMetrics;
  logger: Logger;
}
