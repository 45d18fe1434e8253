import { z } from 'zod';
import { positiveInt, seedSchema } from '../spec/numbers.js';
import { textSchema } from '../text.js';
import { searchSpaceSchema } from './space.js';

/** Of a sweep; also the most points that a grid may have. */
export const maxTrials = 10_000;
export const maxParallelism = 100;

export const objectiveMetricSchema = z.enum([
  'validationLoss',
  'validationAccuracy',
  'recall',
  'trainingSeconds',
  'parameters',
]);
export type ObjectiveMetric = z.infer<typeof objectiveMetricSchema>;

const directionSchema = z.enum(['minimize', 'maximize']);

/** What trials are compared by. */
export const objectiveSchema = z.strictObject({
  /**
   * validationLoss, validationAccuracy: the best of all epochs; recall: of `class` in the test; trainingSeconds: in
   * attempts; parameters: number of trainable weights.
   */
  metric: objectiveMetricSchema,
  /** Name of the class whose recall counts; null for every other metric. */
  class: textSchema.min(1).max(200).nullable().default(null),
  /** null: accuracy and recall are maximised, all else is minimised. */
  direction: directionSchema.nullable().default(null),
});
export type Objective = z.output<typeof objectiveSchema>;

/** Every point of a grid, the last path of the alphabet varying fastest. */
const gridSchema = z.strictObject({ type: z.literal('grid') });
/** halton: quasi-random, which covers the space more evenly (Halton 1960, scrambled after Owen 2017); pseudo: not. */
const randomSchema = z.strictObject({
  type: z.literal('random'),
  sequence: z.enum(['halton', 'pseudo']).default('halton'),
});
/** Tree-structured Parzen estimators (Bergstra et al. 2011), multivariate. */
const tpeSchema = z.strictObject({
  type: z.literal('tpe'),
  /** Trials with a result before it proposes by them; until then, quasi-random ones. */
  startupTrials: positiveInt.max(1000).default(10),
  /** Points drawn for each proposal, of which the most promising is taken. */
  candidates: positiveInt.max(1000).default(24),
});
const samplerObjectSchema = z.discriminatedUnion('type', [gridSchema, randomSchema, tpeSchema]);
export const samplerSchema = z
  .union([z.enum(['grid', 'random', 'tpe']), samplerObjectSchema])
  .transform((v): z.input<typeof samplerObjectSchema> => (typeof v === 'string' ? { type: v } : v))
  .pipe(samplerObjectSchema);
export type Sampler = z.output<typeof samplerSchema>;

const firstRung = positiveInt.max(10_000).default(1);
const noStopperSchema = z.strictObject({ type: z.literal('none') });
/**
 * Asynchronous successive halving (Li et al. 2020, arXiv 1810.05934), by promotion: a trial is paused at each rung, and
 * the best 1/reductionFactor of those that have reached a rung go on to the next.
 */
const ashaSchema = z.strictObject({
  type: z.literal('asha'),
  reductionFactor: z.int().min(2).max(10).default(3),
  /** Epochs of the first rung; each further rung has `reductionFactor` times as many. */
  firstRung,
  /** Epochs of the last rung; null: those of the job spec. */
  topRung: positiveInt.max(10_000).nullable().default(null),
});
/**
 * Stops a trial whose best value so far is worse than the median of those that the finished trials had at the same
 * epoch (Golovin et al. 2017).
 */
const medianSchema = z.strictObject({
  type: z.literal('median'),
  /** Finished trials before it stops any. */
  startupTrials: positiveInt.max(1000).default(5),
  /** No trial is stopped before this epoch. */
  firstRung,
});
const stopperObjectSchema = z.discriminatedUnion('type', [noStopperSchema, ashaSchema, medianSchema]);
export const stopperSchema = z
  .union([z.enum(['none', 'asha', 'median']), stopperObjectSchema])
  .transform((v): z.input<typeof stopperObjectSchema> => (typeof v === 'string' ? { type: v } : v))
  .pipe(stopperObjectSchema);
export type Stopper = z.output<typeof stopperSchema>;

/** A sweep starts no further trial where one of these is reached. */
export const sweepBudgetSchema = z.strictObject({
  trials: positiveInt.max(maxTrials).default(50),
  /** Of all trials together; null: no limit. */
  epochs: positiveInt.max(1e9).nullable().default(null),
  /** Wall-clock seconds since the start of the sweep, pauses left out; null: no limit. */
  seconds: z.number().gt(0).max(1e9).nullable().default(null),
});
export type SweepBudget = z.output<typeof sweepBudgetSchema>;

export const sweepSpecSchema = z.strictObject({
  name: textSchema.min(1).max(200).nullable().default(null),
  /** The job spec of every trial, without what the space varies. */
  spec: z.record(z.string(), z.unknown()),
  space: searchSpaceSchema,
  objectives: z
    .array(objectiveSchema)
    .min(1)
    .max(2)
    .default([{ metric: 'validationAccuracy', class: null, direction: null }]),
  budget: sweepBudgetSchema.default({ trials: 50, epochs: null, seconds: null }),
  /** Trials that train at a time, at most. */
  parallelism: positiveInt.max(maxParallelism).default(1),
  /** Decides what is proposed; drawn when absent. */
  seed: seedSchema.optional(),
  sampler: samplerSchema.default(() => samplerSchema.parse('tpe')),
  /** null: asha where the first objective is known after each epoch, otherwise none. */
  stopper: stopperSchema.nullable().default(null),
});
/** A sweep as a user may send it. */
export type SweepSpecInput = z.input<typeof sweepSpecSchema>;

/** Complete, as stored: the seed drawn, the stopper and the directions chosen. */
export const completeSweepSpecSchema = sweepSpecSchema.extend({
  objectives: z
    .array(objectiveSchema.extend({ direction: directionSchema }))
    .min(1)
    .max(2),
  seed: seedSchema,
  stopper: stopperSchema,
});
export type SweepSpec = z.output<typeof completeSweepSpecSchema>;
