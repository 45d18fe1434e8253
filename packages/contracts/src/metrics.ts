import { z } from 'zod';

/** One row an epoch. Losses are true means over the images of their split; accuracies are fractions. */
export const epochMetricsSchema = z.object({
  epoch: z.int(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  /** Rate of the epoch's last step. */
  learningRate: z.number(),
  /** Wall-clock seconds of training and of validation. */
  trainSeconds: z.number(),
  validationSeconds: z.number(),
  /** Training images over training seconds. */
  imagesPerSecond: z.number(),
  /** Wall-clock milliseconds of a training step, on average. This and what follows is null in rows of older versions. */
  stepMilliseconds: z.number().nullable().default(null),
  /** What computed the epoch's end, e.g. `native`, and where: `cpu`, `cuda:0`. */
  executor: z.string().nullable().default(null),
  device: z.string().nullable().default(null),
  /** Whether this epoch is the best so far by the spec's checkpoint metric. */
  best: z.boolean(),
});
export type EpochMetrics = z.infer<typeof epochMetricsSchema>;

/** A class's test result; a ratio without a denominator is null (printed as N/A). */
export const classResultSchema = z.object({
  class: z.string(),
  correct: z.int(),
  total: z.int(),
  accuracy: z.number().nullable(),
  precision: z.number().nullable(),
  recall: z.number().nullable(),
  f1: z.number().nullable(),
});
export type ClassResult = z.infer<typeof classResultSchema>;

export const testResultsSchema = z.object({
  /** The epoch whose weights were tested. */
  epoch: z.int(),
  loss: z.number(),
  accuracy: z.number(),
  correct: z.int(),
  total: z.int(),
  seconds: z.number(),
  classes: z.array(classResultSchema),
  /** Counts, `[true class][predicted class]`. */
  confusion: z.array(z.array(z.int())),
});
export type TestResults = z.infer<typeof testResultsSchema>;
