import { z } from 'zod';
import { testResultsSchema } from './metrics.js';

/** Of a larger test split no predictions are kept. */
export const maxPredictedImages = 1_000_000;

/** What 1 is in the arrays of probabilities. */
export const probabilityScale = 65_535;

/** What a network said of each image of a test split; every array has an element an image, in the split's order. */
export const testPredictionsSchema = z.object({
  /** Of the dataset: predictions with equal digests are of the same images. */
  datasetDigest: z.string(),
  /** The true classes, from 0 in the dataset's order of classes. */
  labels: z.instanceof(Uint16Array),
  /** The classes with the first largest logit. */
  predicted: z.instanceof(Uint16Array),
  /** Probability (softmax) of the predicted class, times `probabilityScale`, rounded. */
  confidences: z.instanceof(Uint16Array),
  /** That of the true class. */
  labelProbabilities: z.instanceof(Uint16Array),
});
export type TestPredictions = z.infer<typeof testPredictionsSchema>;

/** A test as the trainer reports it. Predictions are null where the test split is larger than is kept. */
export const trainerTestSchema = testResultsSchema.extend({ predictions: testPredictionsSchema.nullable().optional() });
export type TrainerTest = z.infer<typeof trainerTestSchema>;
