import { z } from 'zod';
import { importOptionsSchema } from '../dataset.js';
import { importIdSchema, uploadIdSchema } from '../ids.js';
import { pageQuerySchema } from './page.js';

export const importStateSchema = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']);
export type ImportState = z.infer<typeof importStateSchema>;

/** Where an import reads from. */
export const importSourceSchema = z.discriminatedUnion('kind', [
  /** A complete upload of this project; `name` is the file's name, for people. */
  z.object({ kind: z.literal('upload'), uploadId: uploadIdSchema, name: z.string() }),
  z.object({ kind: z.literal('url'), url: z.string() }),
]);
export type ImportSource = z.infer<typeof importSourceSchema>;

export const importProgressSchema = z.object({
  phase: z.enum(['waiting', 'downloading', 'scanning', 'importing', 'generating', 'finishing']),
  /** Bytes while downloading, files while scanning, images otherwise. */
  done: z.number(),
  total: z.number().nullable(),
});

/** What an import became. */
export const importedDatasetSchema = z.object({
  name: z.string(),
  version: z.int(),
  digest: z.string(),
  notes: z.array(z.string()),
  warnings: z.array(z.string()),
});

export const importProblemSchema = z.object({
  code: z.string(),
  detail: z.string(),
  /** Each file that cannot be used, and why; the first 1,000. */
  faults: z.array(z.string()),
});
export type ImportProblem = z.infer<typeof importProblemSchema>;

export const datasetImportSchema = z.object({
  id: importIdSchema,
  state: importStateSchema,
  source: importSourceSchema,
  options: importOptionsSchema,
  progress: importProgressSchema.nullable(),
  dataset: importedDatasetSchema.nullable(),
  problem: importProblemSchema.nullable(),
  /** Whether it is over, whatever the outcome. */
  terminal: z.boolean(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type DatasetImport = z.infer<typeof datasetImportSchema>;

/** Where the service downloads the source from: http or https, at a public address. */
const sourceUrlSchema = z.url({ protocol: /^https?$/ }).max(2048);

/** One of `uploadId` and `url`. */
export const newImportBodySchema = importOptionsSchema.extend({
  uploadId: uploadIdSchema.optional(),
  url: sourceUrlSchema.optional(),
});
export type NewImportBody = z.infer<typeof newImportBodySchema>;

/** The same for the OpenAPI document, which cannot say "one of two fields" in a form that generators understand. */
export const importOfUploadSchema = importOptionsSchema.extend({ uploadId: uploadIdSchema });
export const importOfUrlSchema = importOptionsSchema.extend({ url: sourceUrlSchema });
export const documentedImportSchema = z.union([importOfUploadSchema, importOfUrlSchema]);

export const importParamsSchema = z.object({ id: importIdSchema });
export const listImportsQuerySchema = z.object({ ...pageQuerySchema.shape });
export type ListImportsQuery = z.output<typeof listImportsQuerySchema>;

export const uploadParamsSchema = z.object({ id: uploadIdSchema });
/** A file on its way to the service, in pieces. */
export const uploadSchema = z.object({
  id: uploadIdSchema,
  name: z.string(),
  bytes: z.int(),
  /** Bytes that have arrived. */
  offset: z.int(),
  /** When it is removed if it is not continued. */
  expiresAt: z.iso.datetime(),
});
export type Upload = z.infer<typeof uploadSchema>;
