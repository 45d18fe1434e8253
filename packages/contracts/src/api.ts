import { z } from 'zod';
import { architectureSummarySchema } from './architecture.js';
import { checkpointFormatSchema } from './checkpoint.js';
import { jobIdSchema } from './ids.js';
import { jobStateSchema } from './job.js';
import { layerListSchema, recipeNameSchema } from './spec.js';

/** Schemas of the HTTP API's parameters and answers; the routes in apps/api and the client share them. */

const cursor = z.string().max(512).optional();
const limit = z.coerce.number().int().min(1).max(500).default(50);
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((v) => v === 'true');

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() });
export type Page<T> = { data: T[]; nextCursor: string | null };

export const submitQuerySchema = z.object({ dryRun: flag });

const oneOrMoreStates = z
  .union([jobStateSchema, z.array(jobStateSchema)])
  .transform((v) => (Array.isArray(v) ? v : [v]))
  .optional();

export const listJobsQuerySchema = z.object({
  state: oneOrMoreStates,
  experiment: z.string().max(200).optional(),
  architecture: z.string().max(64).optional(),
  cursor,
  limit,
});
export type ListJobsQuery = z.output<typeof listJobsQuerySchema>;

export const jobParamsSchema = z.object({ id: jobIdSchema });
export const checkpointRefSchema = z.union([
  z.enum(['best', 'last']),
  z.string().regex(/^[1-9][0-9]{0,5}$/, 'must be best, last or an epoch'),
]);
export const checkpointParamsSchema = z.object({ id: jobIdSchema, ref: checkpointRefSchema });
export const downloadQuerySchema = z.object({ format: checkpointFormatSchema.default('tfjs') });

/** Of an event, as a client sends it; no job has more events than the database can count. */
export const sequenceSchema = z.coerce
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1);

export const eventsQuerySchema = z.object({
  /** Events with a greater sequence number. */
  after: sequenceSchema.default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const tableFormatSchema = z.enum(['json', 'csv']).default('json');
export const metricsQuerySchema = z.object({ format: tableFormatSchema });

export const resultsSortSchema = z.enum([
  'finishedAt',
  '-finishedAt',
  'accuracy',
  '-accuracy',
  'trainingSeconds',
  '-trainingSeconds',
]);
export type ResultsSort = z.infer<typeof resultsSortSchema>;

export const resultsQuerySchema = z.object({
  dataset: z.string().max(64).optional(),
  architecture: z.string().max(64).optional(),
  experiment: z.string().max(200).optional(),
  minAccuracy: z.coerce.number().min(0).max(1).optional(),
  maxAccuracy: z.coerce.number().min(0).max(1).optional(),
  /** RFC 3339; runs finished at or after, and before. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  sort: resultsSortSchema.default('-finishedAt'),
  cursor,
  limit,
  format: tableFormatSchema,
});
export type ResultsQuery = z.output<typeof resultsQuerySchema>;

/** A row of the history: one finished, tested job. */
export const resultRowSchema = z.object({
  jobId: jobIdSchema,
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
  bestEpoch: z.int(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  testLoss: z.number(),
  testAccuracy: z.number(),
  trainingSeconds: z.number(),
  executor: z.string().nullable(),
  finishedAt: z.iso.datetime(),
});
export type ResultRow = z.infer<typeof resultRowSchema>;

export const describeBodySchema = z.strictObject({
  layers: layerListSchema,
  inputShape: z.tuple([z.int().min(1).max(4096), z.int().min(1).max(4096), z.int().min(1).max(4)]).default([32, 32, 3]),
  classes: z.int().min(2).max(10_000).default(10),
});
export type DescribeBody = z.input<typeof describeBodySchema>;
export const architectureListSchema = z.object({
  data: z.array(
    architectureSummarySchema.extend({
      description: z.string(),
      /** By name, the default first: what a spec gets in the fields that it leaves out. */
      recipes: z.partialRecord(recipeNameSchema, z.record(z.string(), z.unknown())),
    }),
  ),
});
export type ArchitectureList = z.infer<typeof architectureListSchema>;

export const workerSchema = z.object({
  id: z.string(),
  hostname: z.string(),
  pid: z.int(),
  startedAt: z.iso.datetime(),
  heartbeatAt: z.iso.datetime(),
  alive: z.boolean(),
  /** Job being trained, with its attempt. */
  jobId: z.string().nullable(),
  attempt: z.int().nullable(),
  executor: z.string(),
  device: z.string(),
});
export type Worker = z.infer<typeof workerSchema>;

export const queueSchema = z.object({ backend: z.enum(['redis', 'postgres']), waiting: z.int(), active: z.int() });
export type QueueDepth = z.infer<typeof queueSchema>;

export const readinessSchema = z.object({
  ready: z.boolean(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })),
});
export type Readiness = z.infer<typeof readinessSchema>;
