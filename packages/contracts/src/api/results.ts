import { z } from 'zod';
import { idSchema, jobIdSchema } from '../ids.js';
import { jobKindSchema } from '../job.js';
import { foreignOriginSchema } from './foreignRuns.js';
import {
  exportFormatSchema,
  fieldsSchema,
  filterSchema,
  pageQuerySchema,
  queryFlag,
  queryNumber,
  sortSchema,
} from './page.js';

export const resultsQuerySchema = z.object({
  dataset: z.string().max(64).optional(),
  architecture: z.string().max(64).optional(),
  experiment: z.string().max(200).optional(),
  minAccuracy: queryNumber(z.number().min(0).max(1)).optional(),
  maxAccuracy: queryNumber(z.number().min(0).max(1)).optional(),
  /** RFC 3339; runs that finished at `from` or later, and before `to`. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  filter: filterSchema.optional(),
  /** Whether tests of jobs that failed in a later epoch are listed too. */
  partial: queryFlag,
  /** Whether runs that were imported from elsewhere are listed too. */
  foreign: queryFlag,
  /**
   * finishedAt, accuracy, validationAccuracy, validationLoss, trainingSeconds, or any field of a filter, such as
   * recall.cat or learningRate; after `-` the highest first. Rows that lack the field come last.
   */
  sort: sortSchema.default('-finishedAt'),
  ...pageQuerySchema.shape,
  format: exportFormatSchema,
  /**
   * The columns of a file, in this order: its fields, or any field of a filter, such as spec.optimizer.momentum;
   * recall, precision and f1 are those of each class. JSON rows always have the same fields.
   */
  columns: fieldsSchema.optional(),
});
export type ResultsQuery = z.output<typeof resultsQuerySchema>;

/**
 * A row of the history: one job that was tested. In the row of a test of a checkpoint, the fields of the training
 * (such as learningRate, epochs and the validation figures) are those of the training that wrote the checkpoint.
 */
export const resultRowSchema = z.object({
  jobId: jobIdSchema,
  kind: jobKindSchema,
  /** The job that trained the checkpoint; null: the job itself. */
  sourceJobId: jobIdSchema.nullable(),
  name: z.string().nullable(),
  experiment: z.string(),
  dataset: z.string(),
  datasetVersion: z.int(),
  architecture: z.string(),
  parameters: z.int(),
  learningRate: z.number(),
  batchSize: z.int(),
  epochs: z.int(),
  optimizer: z.string(),
  seed: z.int(),
  /** Runs on one dataset whose split seeds and shares are equal have validated on the same images. */
  splitSeed: z.int(),
  bestEpoch: z.int(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  testLoss: z.number(),
  /** Of the network alone; the next field is that with the spec's `testAugmentation`, null where it has none. */
  testAccuracy: z.number(),
  testAccuracyAugmented: z.number().nullable(),
  /** See the fields of a job's results. */
  top5Accuracy: z.number().nullable(),
  macroF1: z.number().nullable(),
  /** Whether the job failed in a later epoch; such rows are listed on request only. */
  partial: z.boolean(),
  /** The last epoch and the accuracy after it; null in partial tests and in those of older versions. */
  lastEpoch: z.int().nullable(),
  lastTestAccuracy: z.number().nullable(),
  trainingSeconds: z.number(),
  executor: z.string().nullable(),
  finishedAt: z.iso.datetime(),
});
export type ResultRow = z.infer<typeof resultRowSchema>;

/**
 * A row of the history that may be a foreign run, which `foreign=true` lists: then `kind` is `foreign`, `jobId` the id
 * of the run, and what nothing says of it is null.
 */
export const anyResultRowSchema = resultRowSchema.extend({
  // One pattern: of a union, generators of clients make types that are no texts.
  jobId: idSchema('job', 'run'),
  kind: z.enum([...jobKindSchema.options, 'foreign']),
  /** Where a foreign run is from; null: the row is a job. */
  foreign: foreignOriginSchema.nullable(),
  dataset: z.string().nullable(),
  datasetVersion: z.int().nullable(),
  architecture: z.string().nullable(),
  parameters: z.int().nullable(),
  learningRate: z.number().nullable(),
  batchSize: z.number().nullable(),
  epochs: z.number().nullable(),
  optimizer: z.string().nullable(),
  seed: z.int().nullable(),
  splitSeed: z.int().nullable(),
  bestEpoch: z.int().nullable(),
  validationLoss: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
  testLoss: z.number().nullable(),
  testAccuracy: z.number().nullable(),
});
export type AnyResultRow = z.infer<typeof anyResultRowSchema>;
