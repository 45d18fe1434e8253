import { z } from 'zod';

/** Metrics of one epoch. Losses are means over all images of their split; accuracies are in [0, 1]. */
export const epochMetricsSchema = z.object({
  epoch: z.int(),
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  validationLoss: z.number(),
  validationAccuracy: z.number(),
  /** Of the last step of the epoch. */
  learningRate: z.number(),
  /** Wall-clock seconds of training and of validation. */
  trainSeconds: z.number(),
  validationSeconds: z.number(),
  /** Training images divided by training seconds. */
  imagesPerSecond: z.number(),
  /**
   * Mean wall-clock milliseconds of a training step. This field and the next two are null in rows that older versions
   * wrote.
   */
  stepMilliseconds: z.number().nullable().default(null),
  /** The executor that computed the end of the epoch, e.g. `native`, and its device, e.g. `cpu` or `cuda:0`. */
  executor: z.string().nullable().default(null),
  device: z.string().nullable().default(null),
  /** Whether this epoch is the best so far by the spec's checkpoint metric. */
  best: z.boolean(),
});
export type EpochMetrics = z.infer<typeof epochMetricsSchema>;

/** Test result of one class; a ratio whose denominator is zero is null (printed as N/A). */
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

/** The test of the weights after the last epoch, which are the best ones too where the epochs are equal. */
export const lastTestSchema = z.object({
  epoch: z.int(),
  loss: z.number(),
  accuracy: z.number(),
  accuracyAugmented: z.number().nullable(),
  correct: z.int(),
});
export type LastTest = z.infer<typeof lastTestSchema>;

/** The test of the best weights, and beside it that of the last. */
export const testResultsSchema = z.object({
  /** The epoch whose weights were tested. */
  epoch: z.int(),
  loss: z.number(),
  /** Of the network alone, as it is downloaded; so are loss, counts and classes. */
  accuracy: z.number(),
  /**
   * Of the mean logits of the views that the spec's `testAugmentation` names; null: it is `none`. Tests of older
   * versions have this accuracy in both fields, and its loss, counts and classes.
   */
  accuracyAugmented: z.number().nullable(),
  correct: z.int(),
  total: z.int(),
  /**
   * Share of the images whose class is among the five that the network holds most likely; null where there are at most
   * five classes, and in tests of older versions.
   */
  top5Accuracy: z.number().nullable().default(null),
  /**
   * Mean of the F1 of all classes that have an F1, each with the same weight (scikit-learn's `f1_score` with
   * `average="macro"`); null where none has.
   */
  macroF1: z.number().nullable().default(null),
  seconds: z.number(),
  /** Whether the training failed in a later epoch: these are then its best weights until there. */
  partial: z.boolean(),
  /** Null in partial tests and in those of older versions. */
  last: lastTestSchema.nullable(),
  classes: z.array(classResultSchema),
  /** Numbers of images, `[true class][predicted class]`. */
  confusion: z.array(z.array(z.int())),
});
export type TestResults = z.infer<typeof testResultsSchema>;
