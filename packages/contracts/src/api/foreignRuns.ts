import { z } from 'zod';
import { idSchema } from '../ids.js';
import { pageQuerySchema } from './page.js';

export const foreignRunIdSchema = idSchema('run');

/** What kept the run before it was imported. */
export const foreignSourceSchema = z.enum(['mlflow']);
export type ForeignSource = z.infer<typeof foreignSourceSchema>;

/** How the run ended there: MLflow's FINISHED, FAILED and KILLED. */
export const foreignStateSchema = z.enum(['succeeded', 'failed', 'cancelled']);
export type ForeignState = z.infer<typeof foreignStateSchema>;

/** Values that a metric of a foreign run may have at most. */
export const maxForeignPoints = 500_000;

const key = z.string().min(1).max(500);
const texts = z.record(key, z.string().max(100_000)).refine((given) => Object.keys(given).length <= 5000, {
  message: 'must have at most 5000 keys',
});
/** Postgres has no year 0, which RFC 3339 allows. */
const moment = z.iso.datetime().regex(/^(?!0000)/, 'must be in the year 1 or later');
/** Milliseconds since 1970, in years that RFC 3339 has. */
const time = z.int().min(-62_135_596_800_000).max(253_402_300_799_999);

/** The history of one metric; the three arrays are of one length, in the order in which the values were logged. */
export const foreignMetricSchema = z
  .object({
    key,
    steps: z.array(z.int()).min(1).max(maxForeignPoints),
    /** Milliseconds since 1970. */
    times: z.array(time).min(1).max(maxForeignPoints),
    /** null: not a number, or infinite. */
    values: z.array(z.number().nullable()).min(1).max(maxForeignPoints),
  })
  .refine(({ steps, times, values }) => steps.length === values.length && times.length === values.length, {
    message: 'must have as many steps and times as values',
  });
export type ForeignMetric = z.infer<typeof foreignMetricSchema>;

const differentKeys = (metrics: readonly ForeignMetric[]) =>
  new Set(metrics.map((metric) => metric.key)).size === metrics.length;

/** A run that another program trained, and that has ended. */
export const newForeignRunSchema = z.strictObject({
  source: foreignSourceSchema,
  /** The URL of the server that it was read from, without user and password. */
  server: z.string().min(1).max(2048),
  experiment: z.string().min(1).max(500),
  /** As the source names it: with source and server the identity of the run. */
  runId: z.string().min(1).max(250),
  name: z.string().max(1000).nullable().default(null),
  state: foreignStateSchema,
  startedAt: moment,
  finishedAt: moment,
  /** Name of the dataset, where the source has it apart from the params. */
  dataset: z.string().max(500).nullable().default(null),
  params: texts.default({}),
  tags: texts.default({}),
  metrics: z.array(foreignMetricSchema).max(5000).refine(differentKeys, 'must have each key once').default([]),
});
export type NewForeignRun = z.output<typeof newForeignRunSchema>;
/** As a client may send it. */
export type ForeignRunRequest = z.input<typeof newForeignRunSchema>;

const figure = z.number().nullable();

/** What the history has of a run; null where no metric or param of a usual name says it. */
export const foreignFiguresSchema = z.object({
  architecture: z.string().nullable(),
  dataset: z.string().nullable(),
  learningRate: figure,
  batchSize: figure,
  epochs: figure,
  optimizer: z.string().nullable(),
  /** Where the validation loss is lowest, or else the accuracy highest: the metric `epoch`, or the step. */
  bestEpoch: z.int().nullable(),
  /** Of that step, as the next three; the last value where there is no validation. */
  validationLoss: figure,
  validationAccuracy: figure,
  trainLoss: figure,
  trainAccuracy: figure,
  /** The last values. */
  testLoss: figure,
  testAccuracy: figure,
});
export type ForeignFigures = z.infer<typeof foreignFiguresSchema>;

/** Where a run is from. */
export const foreignOriginSchema = z.object({
  source: foreignSourceSchema,
  server: z.string(),
  experiment: z.string(),
  runId: z.string(),
});
export type ForeignOrigin = z.infer<typeof foreignOriginSchema>;

export const foreignRunSchema = z.object({
  id: foreignRunIdSchema,
  ...foreignOriginSchema.shape,
  name: z.string().nullable(),
  state: foreignStateSchema,
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  importedAt: z.iso.datetime(),
  figures: foreignFiguresSchema,
});
export type ForeignRun = z.infer<typeof foreignRunSchema>;

export const foreignRunDetailSchema = foreignRunSchema.extend({
  params: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
  /** By their keys. */
  metrics: z.array(
    z.object({
      key: z.string(),
      /** How many values it has. */
      count: z.int(),
      lastStep: z.int(),
      /** null: not a number, or infinite. */
      lastValue: z.number().nullable(),
    }),
  ),
});
export type ForeignRunDetail = z.infer<typeof foreignRunDetailSchema>;

export const foreignRunParamsSchema = z.object({ id: foreignRunIdSchema });
export const foreignRunsQuerySchema = z.object({
  server: z.string().max(2048).optional(),
  experiment: z.string().max(500).optional(),
  ...pageQuerySchema.shape,
});
export type ForeignRunsQuery = z.output<typeof foreignRunsQuerySchema>;
export const foreignMetricQuerySchema = z.object({ key });
