import { z } from 'zod';
import { jobIdSchema } from '../ids.js';
import { page, pageQuerySchema, queryFlag, queryInteger, tableFormatSchema } from './page.js';

const className = z.string().max(512);

export const predictionsQuerySchema = z.object({
  actual: className.optional().describe('Only images of this class'),
  predicted: className.optional().describe('Only images that the network took for this class'),
  wrong: queryFlag.describe('Only images that the network took for another class than theirs'),
  sort: z.enum(['-confidence', 'image']).default('-confidence').describe('`-confidence`: the surest first'),
  ...pageQuerySchema.shape,
  format: tableFormatSchema,
});
export type PredictionsQuery = z.output<typeof predictionsQuerySchema>;

/** What the tested network said of one image. */
export const predictionSchema = z.object({
  /** Index in the test split, from 0. */
  image: z.int(),
  actual: z.string(),
  predicted: z.string(),
  correct: z.boolean(),
  /** Probability (softmax) of the predicted class, to 1/65,535; and of the true class. */
  confidence: z.number(),
  actualProbability: z.number(),
});
export type Prediction = z.infer<typeof predictionSchema>;

export const predictionPageSchema = page(predictionSchema).extend({
  /** Images of the test split; null where no predictions are kept. */
  images: z.int().nullable(),
  /** Images that the query names, on all pages. */
  matched: z.int(),
  /** Why there are no predictions; null where there are. */
  missing: z.string().nullable(),
});
export type PredictionPage = z.infer<typeof predictionPageSchema>;

/** Runs that a dataset's predictions are taken from: the newest of the project. */
export const maxPredictionRuns = 200;

const runs = { runs: queryInteger(1, maxPredictionRuns).default(50).describe('The newest so many tested runs count') };
const version = { version: queryInteger(1, 999_999_999).optional() };

export const datasetPredictionsQuerySchema = z.object({
  ...version,
  ...runs,
  show: z
    .enum(['missed', 'neverRight', 'suspected', 'all'])
    .default('missed')
    .describe('Images that a run misses, that no run gets right, or whose label is probably wrong'),
  actual: className.optional().describe('Only images of this class'),
  ...pageQuerySchema.shape,
  format: tableFormatSchema,
});
export type DatasetPredictionsQuery = z.output<typeof datasetPredictionsQuerySchema>;

/** What the runs said of one image of a dataset's test split. */
export const imagePredictionsSchema = z.object({
  /** Index in the test split, from 0. */
  image: z.int(),
  actual: z.string(),
  /** Runs that took it for another class. */
  missed: z.int(),
  /** The class for which most of these took it; null where none did. Of equal numbers the first class. */
  takenFor: z.string().nullable(),
  /** Mean over the runs of the probability of its class. */
  actualProbability: z.number(),
  /**
   * Runs that suspect its label by confident learning (Northcutt, Jiang, Chuang: Confident Learning: Estimating
   * Uncertainty in Dataset Labels, JAIR 70, 2021): the network takes it for another class, and is as sure of that class
   * as it is on average of the images that are labelled so. `suspected` lists the images that half of the runs suspect.
   */
  suspected: z.int(),
});
export type ImagePredictions = z.infer<typeof imagePredictionsSchema>;

export const datasetPredictionPageSchema = page(imagePredictionsSchema).extend({
  /** Images of the test split. */
  images: z.int(),
  /** Images that the query names, on all pages. */
  matched: z.int(),
  /** The runs that were counted, newest first. */
  runs: z.array(jobIdSchema),
  /** Why no run counts; null where one does. */
  missing: z.string().nullable(),
});
export type DatasetPredictionPage = z.infer<typeof datasetPredictionPageSchema>;

export const imageRunsQuerySchema = z.object({
  ...version,
  wrong: queryFlag.describe('Only runs that miss the image'),
  ...pageQuerySchema.shape,
});
export type ImageRunsQuery = z.output<typeof imageRunsQuerySchema>;

/** What one run said of an image. */
export const imageRunSchema = z.object({
  jobId: jobIdSchema,
  name: z.string().nullable(),
  architecture: z.string(),
  /** Of the whole test. */
  testAccuracy: z.number(),
  finishedAt: z.iso.datetime(),
  predicted: z.string(),
  correct: z.boolean(),
  confidence: z.number(),
  actualProbability: z.number(),
});
export type ImageRun = z.infer<typeof imageRunSchema>;
export const imageRunPageSchema = page(imageRunSchema);
