import {
  type DatasetImport,
  importedDatasetSchema,
  importOptionsSchema,
  importProblemSchema,
  importProgressSchema,
  importSourceSchema,
  importStateSchema,
} from '@trainyard/contracts';
import { z } from 'zod';
import type { BackgroundTable } from '../background/backgroundTable.js';
import { sql } from '../postgres/sql.js';

export const importColumns = sql`id, project, state::text, source, options, progress, dataset, problem,
  created_at AS "createdAt", started_at AS "startedAt", finished_at AS "finishedAt"`;

export const importRowSchema = z.object({
  id: z.string(),
  project: z.string(),
  state: importStateSchema,
  source: importSourceSchema,
  options: importOptionsSchema,
  progress: importProgressSchema.nullable(),
  dataset: importedDatasetSchema.nullable(),
  problem: importProblemSchema.nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
});
export type ImportRow = z.infer<typeof importRowSchema>;

/** A source that ended its process so often ends the import. */
const maxStarts = 3;

export const importTable: BackgroundTable<ImportRow> = {
  name: sql`dataset_imports`,
  columns: importColumns,
  row: importRowSchema,
  order: sql`created_at`,
  maxStarts,
  crashed: {
    code: 'import_crashed',
    detail: `the process of this import ended ${maxStarts} times before it was done; the source may be too large`,
    faults: [],
  },
};

export function toImport({ project: _, createdAt, startedAt, finishedAt, ...row }: ImportRow): DatasetImport {
  return {
    ...row,
    terminal: row.state !== 'queued' && row.state !== 'running',
    createdAt: createdAt.toISOString(),
    startedAt: startedAt?.toISOString() ?? null,
    finishedAt: finishedAt?.toISOString() ?? null,
  };
}
