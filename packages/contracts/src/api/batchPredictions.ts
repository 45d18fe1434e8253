import { z } from 'zod';
import { batchPredictionIdSchema, jobIdSchema, uploadIdSchema } from '../ids.js';
import { datasetNameSchema } from '../spec/datasetChoice.js';
import { textSchema } from '../text.js';
import { aliasNameSchema } from './aliases.js';
import { importProblemSchema, importStateSchema } from './imports.js';
import { checkpointRefSchema } from './jobs.js';
import { pageQuerySchema } from './page.js';
import { predictedModelSchema } from './predict.js';

/*
 * Many images that are classified as queued work, outside of a request: those of a dataset of the service, or those of
 * an upload.
 */

const splitSchema = z.enum(['train', 'validation', 'test', 'all']);

/** One of `jobId` and `experiment`, and one of `dataset` and `uploadId`. */
export const newBatchPredictionSchema = z.strictObject({
  /** The job whose checkpoint classifies. */
  jobId: jobIdSchema.optional(),
  /** With `jobId`: best (the default), last or an epoch. */
  checkpoint: checkpointRefSchema.optional(),
  /** In place of a job: the best checkpoint of the experiment's job with the best test accuracy. */
  experiment: textSchema.min(1).max(200).optional(),
  /** With `experiment`: the checkpoint that this alias points to. */
  alias: aliasNameSchema.optional(),
  /** The dataset whose images are classified. */
  dataset: datasetNameSchema.optional(),
  /** With `dataset`: absent: the newest. */
  version: z.int().min(1).max(999_999_999).optional(),
  /** With `dataset`: test is the default. */
  split: splitSchema.optional(),
  /** In place of a dataset: a complete upload, an archive of images or one image; it is removed afterwards. */
  uploadId: uploadIdSchema.optional(),
});
export type NewBatchPrediction = z.infer<typeof newBatchPredictionSchema>;

export const batchSourceSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('dataset'), name: z.string(), version: z.int(), split: splitSchema }),
  /** `name` is the file's name, for people. */
  z.object({ kind: z.literal('upload'), uploadId: uploadIdSchema, name: z.string() }),
]);
export type BatchSource = z.infer<typeof batchSourceSchema>;

/** In images. */
export const batchProgressSchema = z.object({ done: z.int(), total: z.int() });
export type BatchProgress = z.infer<typeof batchProgressSchema>;

export const batchFormatSchema = z.enum(['csv', 'parquet']);
export type BatchFormat = z.infer<typeof batchFormatSchema>;

const resultFileSchema = z.object({
  bytes: z.int(),
  /** Lower-case hexadecimal. */
  sha256: z.string(),
});

/** What was made: a table with a row an image. */
export const batchResultsSchema = z.object({
  /** Rows. */
  images: z.int(),
  /** Images that could not be read: their rows have an error in place of a class. */
  unreadable: z.int(),
  csv: resultFileSchema,
  parquet: resultFileSchema,
});
export type BatchResults = z.infer<typeof batchResultsSchema>;

export const batchPredictionSchema = z.object({
  id: batchPredictionIdSchema,
  state: importStateSchema,
  model: predictedModelSchema,
  source: batchSourceSchema,
  progress: batchProgressSchema.nullable(),
  results: batchResultsSchema.nullable(),
  problem: importProblemSchema.nullable(),
  /** Whether it is over, whatever the outcome. */
  terminal: z.boolean(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});
export type BatchPrediction = z.infer<typeof batchPredictionSchema>;

export const batchPredictionParamsSchema = z.object({ id: batchPredictionIdSchema });
export const listBatchPredictionsQuerySchema = z.object({ ...pageQuerySchema.shape });
export type ListBatchPredictionsQuery = z.output<typeof listBatchPredictionsQuerySchema>;
export const batchDownloadQuerySchema = z.object({ format: batchFormatSchema.default('csv') });
