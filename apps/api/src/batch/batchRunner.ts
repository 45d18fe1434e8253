import { fileURLToPath } from 'node:url';
import { type BatchResults, batchProgressSchema, batchResultsSchema } from '@trainyard/contracts';
import type { BatchRow, Database } from '@trainyard/db';
import type { Logger } from '@trainyard/process';
import type { BatchFiles } from '#services/batches/batchFiles.js';
import type { DatasetQuota } from '#services/datasetQuota.js';
import type { PredictLimits } from '#services/predict/predictions.js';
import type { Uploads } from '#services/uploads.js';
import { BackgroundRunner } from '../background/backgroundRunner.js';
import type { BatchCommand } from './messages.js';

export interface BatchRunnerOptions {
  db: Pick<Database, 'batches'>;
  /** Folder of the artifact store. */
  artifacts: string;
  /** Folder of all datasets. */
  datasets: string;
  uploads: Uploads;
  quota: DatasetQuota;
  files: BatchFiles;
  limits: PredictLimits;
  logger: Logger;
}

/** Runs predictions of many images, one at a time, each in a process of its own. */
export function batchRunner(options: BatchRunnerOptions): BackgroundRunner<BatchRow, unknown, BatchResults> {
  const { db, uploads, files, logger } = options;
  /** Name of the folder that the batch which runs writes. */
  let folder = '';
  return new BackgroundRunner(
    {
      entry: fileURLToPath(new URL('./main.js', import.meta.url)),
      heapMegabytes: 1024,
      title: 'prediction',
      progress: batchProgressSchema,
      result: batchResultsSchema,
      runs: db.batches,
      async commandOf(row) {
        const target = await files.newFolder(row.project, row.id);
        folder = target.name;
        return commandOf(row, target.path, options);
      },
      async end(row, owner, end) {
        const { state } = end;
        const results = end.state === 'succeeded' ? { results: { ...end.result, folder } } : {};
        const problem = end.state === 'failed' ? { problem: end.problem } : {};
        const isOurs = await db.batches.end(row.id, owner, { state, ...results, ...problem });
        if (!isOurs || state !== 'succeeded') await files.remove(row.project, folder);
        if (isOurs && row.source.kind === 'upload') await uploads.remove(row.project, row.source.uploadId);
        return isOurs;
      },
    },
    logger,
  );
}

async function commandOf(
  { project, source, checkpointKey }: BatchRow,
  folder: string,
  { artifacts, datasets, uploads, quota, limits }: BatchRunnerOptions,
): Promise<BatchCommand> {
  const left = await quota.left(project);
  const { threads, memoryMegabytes, maxPixels, maxBytes, maxBatchImages } = limits;
  return {
    artifacts,
    checkpointKey,
    datasets,
    project,
    source: source.kind === 'dataset' ? source : await fileOf(source.uploadId),
    threads,
    memoryMegabytes,
    maxPixels,
    maxBytes,
    maxImages: maxBatchImages,
    bytesLeft: Number.isFinite(left) ? Math.max(0, left) : null,
    folder,
  };

  async function fileOf(uploadId: string): Promise<BatchCommand['source']> {
    const { file, name } = await uploads.complete(project, uploadId);
    return { kind: 'upload', file, label: name };
  }
}
