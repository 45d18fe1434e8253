import { z } from 'zod';
import { jobIdSchema } from '../ids.js';
import { jobKindSchema, jobStateSchema } from '../job.js';
import { queryInteger } from './page.js';

/** Jobs that are compared in one call. */
export const maxComparedJobs = 100;

/** One parameter with ids between commas, or a parameter for each id. */
const listed = (value: unknown): unknown =>
  value === undefined ? value : [value].flat().flatMap((v) => (typeof v === 'string' ? v.split(',') : [v]));

const different = (ids: readonly string[]) => new Set(ids).size === ids.length;
const twice = 'must have each job once';

const jobList = (least: number) =>
  z.preprocess(
    listed,
    z.array(jobIdSchema).min(least).max(maxComparedJobs).refine(different, twice).meta({ uniqueItems: true }),
  );

export const curvesQuerySchema = z.object({
  jobs: jobList(1).describe('Ids, separated by commas'),
  axis: z.enum(['epoch', 'step', 'seconds']).default('epoch').describe('What `x` of the curves is'),
  points: queryInteger(2, 1000).default(200).describe('Epochs of a curve at most; of more, evenly distributed ones'),
});
export type CurvesQuery = z.output<typeof curvesQuerySchema>;

export const compareQuerySchema = z.object({
  ...curvesQuerySchema.shape,
  jobs: jobList(2).describe('Ids, separated by commas; the first is the reference of the differences'),
});
export type CompareQuery = z.output<typeof compareQuerySchema>;

export const intervalSchema = z.object({ low: z.number(), high: z.number() });

export const comparedJobSchema = z.object({
  jobId: jobIdSchema,
  name: z.string().nullable(),
  kind: jobKindSchema,
  experiment: z.string(),
  architecture: z.string(),
  state: jobStateSchema,
  dataset: z.string(),
  datasetVersion: z.int().nullable(),
  seed: z.int(),
  parameters: z.int(),
  trainingSeconds: z.number(),
  /** Of a test: of its checkpoint. */
  bestEpoch: z.int().nullable(),
  /** Of the test of the best weights; null, as all below, where the job was not tested. */
  testAccuracy: z.number().nullable(),
  correct: z.int().nullable(),
  total: z.int().nullable(),
  /** 95 %, Wilson. */
  testAccuracyInterval: intervalSchema.nullable(),
  testLoss: z.number().nullable(),
  partial: z.boolean().nullable(),
});
export type ComparedJob = z.infer<typeof comparedJobSchema>;

export const curvePointSchema = z.object({
  /** Epochs, steps or seconds of training and validation since the beginning; null: the steps are not known. */
  x: z.number().nullable(),
  epoch: z.int(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  best: z.boolean(),
});
export type CurvePoint = z.infer<typeof curvePointSchema>;

/** The epochs of a job; none before the first has ended. */
export const curveSchema = z.object({ jobId: jobIdSchema, points: z.array(curvePointSchema) });
export type Curve = z.infer<typeof curveSchema>;

/** Whether two runs differ on the same test images, by McNemar's test. */
export const comparedPairSchema = z.object({
  a: jobIdSchema,
  b: jobIdSchema,
  /** Whether the specs differ in the seed alone (see `seeds`). */
  sameSpec: z.boolean(),
  /** Test accuracy of a minus that of b; null where one was not tested. */
  difference: z.number().nullable(),
  /** Images that one of the two alone gets right. All below is null where the runs cannot be compared. */
  onlyA: z.int().nullable(),
  onlyB: z.int().nullable(),
  /** exact: binomial, with fewer than 25 such images; chiSquare: with continuity correction. */
  method: z.enum(['exact', 'chiSquare']).nullable(),
  statistic: z.number().nullable(),
  /** Two-sided; `adjustedP` with Holm's correction for all pairs of the answer that are tested. */
  p: z.number().nullable(),
  adjustedP: z.number().nullable(),
  /** Whether `adjustedP` is below 0.05, and the runs are not seeds of one spec, of which chance decides. */
  significant: z.boolean().nullable(),
  /** Why the runs cannot be compared; null where they are. */
  reason: z.string().nullable(),
});
export type ComparedPair = z.infer<typeof comparedPairSchema>;

export const leaderboardRowSchema = z.object({
  /** One more than the number of runs that are significantly better: runs that tie share a rank. */
  rank: z.int(),
  jobId: jobIdSchema,
  testAccuracy: z.number(),
  testAccuracyInterval: intervalSchema,
  /** Runs that do not differ significantly from this one. */
  tiedWith: z.array(jobIdSchema),
  /** Runs of which it is not known. */
  notCompared: z.array(jobIdSchema),
});
export type LeaderboardRow = z.infer<typeof leaderboardRowSchema>;

/** Trainings whose specs differ in the seed alone (and in name, experiment, tags, notes and priority). */
export const seedGroupSchema = z.object({
  jobs: z.array(jobIdSchema),
  seeds: z.array(z.int()),
  /** Of the test accuracies. */
  mean: z.number(),
  /** Of a sample (divisor n - 1); null for one run. */
  standardDeviation: z.number().nullable(),
  low: z.number(),
  high: z.number(),
});
export type SeedGroup = z.infer<typeof seedGroupSchema>;

export const comparisonSchema = z.object({
  jobs: z.array(comparedJobSchema),
  axis: compareQuerySchema.shape.axis.unwrap(),
  curves: z.array(curveSchema),
  pairs: z.array(comparedPairSchema),
  /** Of the tested jobs, those with the highest accuracy first. */
  leaderboard: z.array(leaderboardRowSchema),
  /** Arrays are in the order of `jobs`; null: the job has no such class, or it has no test images. */
  classes: z.array(
    z.object({
      class: z.string(),
      recall: z.array(z.number().nullable()),
      /** Minus that of the first job. */
      difference: z.array(z.number().nullable()),
    }),
  ),
  /** Fields of the spec, by dotted path, in which the jobs differ; values in the order of `jobs`, null where absent. */
  specDifferences: z.array(z.object({ field: z.string(), values: z.array(z.unknown()) })),
  seeds: z.array(seedGroupSchema),
});
export type Comparison = z.infer<typeof comparisonSchema>;

export const costsBodySchema = z.strictObject({
  jobs: z.array(jobIdSchema).min(1).max(maxComparedJobs).refine(different, twice).meta({ uniqueItems: true }),
  /** Cost of taking an image of one class for another, `[true class][predicted class]`, in the dataset's order. */
  costs: z
    .array(z.array(z.number().min(-1e9).max(1e9)).min(1).max(1000))
    .min(1)
    .max(1000)
    .refine((rows) => rows.every((row) => row.length === rows.length), 'must have as many rows as columns'),
});
export type CostsBody = z.output<typeof costsBodySchema>;
/** As a user may send it. */
export type CostsRequest = z.input<typeof costsBodySchema>;

export const jobCostSchema = z.object({
  rank: z.int().nullable(),
  jobId: jobIdSchema,
  name: z.string().nullable(),
  architecture: z.string(),
  /** The epoch of the best checkpoint, which was tested. */
  epoch: z.int().nullable(),
  /** Mean cost of a test image, and its 95 % interval by the normal distribution; null for one image. */
  meanCost: z.number().nullable(),
  interval: intervalSchema.nullable(),
  testAccuracy: z.number().nullable(),
  /** Why the job has no cost; null where it has one. */
  reason: z.string().nullable(),
});
export type JobCost = z.infer<typeof jobCostSchema>;

export const costsAnswerSchema = z.object({
  /** The lowest mean cost first, of equal ones in the order of the request; jobs without a cost at the end. */
  data: z.array(jobCostSchema),
  /** The dataset whose test images count: that of the first job with predictions. */
  dataset: z.object({ name: z.string(), version: z.int().nullable(), classes: z.array(z.string()) }).nullable(),
});
export type CostsAnswer = z.infer<typeof costsAnswerSchema>;
