import {
  type BatchPrediction,
  batchProgressSchema,
  batchResultsSchema,
  batchSourceSchema,
  importProblemSchema,
  importStateSchema,
  predictedModelSchema,
} from '@trainyard/contracts';
import { z } from 'zod';
import type { BackgroundTable } from '../background/backgroundTable.js';
import { sql } from '../postgres/sql.js';

export const batchColumns = sql`id, project, state::text, model, checkpoint_key AS "checkpointKey", source, progress,
  results, folder, problem, created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt"`;

export const batchRowSchema = z.object({
  id: z.string(),
  project: z.string(),
  state: importStateSchema,
  model: predictedModelSchema,
  /** In the artifact store. */
  checkpointKey: z.string(),
  source: batchSourceSchema,
  progress: batchProgressSchema.nullable(),
  results: batchResultsSchema.nullable(),
  /** Name of the folder of its results. */
  folder: z.string().nullable(),
  problem: importProblemSchema.nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
});
export type BatchRow = z.infer<typeof batchRowSchema>;

/** An image that ended its process so often ends the batch; kills of the service count too. */
const maxStarts = 5;

export const batchTable: BackgroundTable<BatchRow> = {
  name: sql`prediction_batches`,
  columns: batchColumns,
  row: batchRowSchema,
  // The project whose last batch began longest ago comes first, so that one with many batches does not hold up others.
  order: sql`(SELECT max(begun.started_at) FROM prediction_batches AS begun WHERE begun.project = waiting.project
    AND begun.id <> waiting.id) NULLS FIRST, created_at`,
  maxStarts,
  crashed: {
    code: 'prediction_crashed',
    detail: `the process of this prediction ended ${maxStarts} times before it was done; predict a part of the images`,
    faults: [],
  },
};

export function toBatch(row: BatchRow): BatchPrediction {
  const { project: _, checkpointKey: __, folder: ___, createdAt, startedAt, finishedAt, ...shown } = row;
  return {
    ...shown,
    terminal: row.state !== 'queued' && row.state !== 'running',
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
