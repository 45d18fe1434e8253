import { z } from 'zod';
import { textSchema } from '../text.js';
import { augmentationSchema, normalizationSchema, testAugmentationSchema } from './augmentation.js';
import { datasetChoiceSchema } from './datasetChoice.js';
import { initialWeightsSchema } from './initialWeights.js';
import { architectureSchema } from './layers.js';
import { positiveInt, rate, seedSchema } from './numbers.js';
import { withNewerFields } from './olderSpecs.js';
import { emaSchema, lookaheadSchema, optimizerSchema } from './optimizer.js';
import { scheduleSchema } from './schedule.js';
import { weightPatternsSchema } from './weightPatterns.js';

/**
 * The experiment spec: everything that decides what a job trains. Parsing a user's input fills in every default, so the
 * parsed value is complete, is stored with the job, and can be sent again to repeat the run. A spec is data: no code,
 * no expressions, no URLs.
 */

/** Number format of convolutions and matrix products; weights and sums are fp32 in all of them. */
export const precisionSchema = z.enum(['fp32', 'tf32', 'bf16']);
export type Precision = z.infer<typeof precisionSchema>;

export const watchedMetricSchema = z.enum(['validationLoss', 'validationAccuracy']);
export type WatchedMetric = z.infer<typeof watchedMetricSchema>;

/** What decides which checkpoint is the best. */
export const checkpointMetricSchema = z.enum([...watchedMetricSchema.options, 'epoch']);
export type CheckpointMetric = z.infer<typeof checkpointMetricSchema>;

/**
 * article: as the article prints it; tuned: found by this project, or taken from the paper that describes the preset;
 * small: for a set of fewer than 10,000 images, with values that follow from their number.
 */
export const recipeNameSchema = z.enum(['article', 'tuned', 'small']);
export type RecipeName = z.infer<typeof recipeNameSchema>;

export const lossSchema = z.strictObject({
  type: z.literal('crossEntropy').default('crossEntropy'),
  /** Share of an image's target that is spread evenly over all classes (Szegedy et al. 2015). */
  labelSmoothing: rate.default(0),
  /**
   * Factors of the terms of the training loss, by class. balanced: of a class with `count` of the `n` training images
   * n / (k count), where k is the number of classes that have any (scikit-learn's `class_weight="balanced"`); an object
   * like `{"cat": 2}`: by name, 1 for the classes that it does not name. null: all 1. The loss of a batch is
   * -1/B sum_i sum_c weight_c target_ic log p_ic, so its mean is divided by the number of images and not by their
   * weights. The loss of validation and test is not weighted, so that runs with other weights can be compared.
   */
  classWeights: z
    .union([z.literal('balanced'), z.record(textSchema.min(1).max(200), z.number().min(0).max(1000))])
    .nullable()
    .default(null),
});

export const earlyStoppingSchema = z.strictObject({
  metric: watchedMetricSchema.default('validationLoss'),
  /** Epochs without an improvement of more than `minDelta` before the training ends. */
  patience: positiveInt.max(10_000).default(5),
  minDelta: z.number().min(0).default(0),
});

/** Limits of a job, over all its attempts. Training ends with the epoch in which one is reached. */
export const stopAfterSchema = z
  .strictObject({
    /** Seconds of wall-clock time in attempts. */
    seconds: z.number().gt(0).max(1e9).nullable().default(null),
    /** Their cost, by the rate of each attempt's worker: seconds / 3600 x TRAINYARD_COST_PER_HOUR. */
    cost: z.number().gt(0).max(1e9).nullable().default(null),
  })
  .refine(({ seconds, cost }) => seconds !== null || cost !== null, 'must have seconds, cost, or both');

export const checkpointSettingsSchema = z.strictObject({
  /**
   * Decides which checkpoint is `best`: lowest validation loss; highest validation accuracy, and of equal ones the
   * lowest loss; or `epoch`: the newest of those that `every` keeps, and at the end the last, for sets with too few
   * validation images to choose by. By default the loss for the recipe `article`, the epoch for `small`, else the
   * accuracy.
   */
  metric: checkpointMetricSchema.default('validationLoss'),
  /** Epochs between checkpoints that are kept for `last`; a new best is always kept. */
  every: positiveInt.max(10_000).default(1),
  /** Seconds of training between checkpoints within an epoch: a crash then loses no more than that. null: none. */
  everySeconds: z.number().min(0.1).max(86_400).nullable().default(120),
  /** The same in training steps, counted from the beginning of the run; null: none. */
  everySteps: positiveInt.nullable().default(null),
  /** How many of the newest checkpoints of whole epochs are kept besides the best; within epochs, the newest two. */
  keep: positiveInt.max(100).default(2),
});

export const tagSchema = textSchema.min(1).max(64);
/** Of a job. */
export const maxTags = 32;

export const jobSpecSchema = z.strictObject({
  name: textSchema.min(1).max(200).nullable().default(null),
  experiment: textSchema.min(1).max(200).default('default'),
  tags: z.array(tagSchema).max(maxTags).default([]),
  notes: textSchema.max(10_000).default(''),
  /** Higher runs sooner. */
  priority: z.int().min(-100).max(100).default(0),
  dataset: datasetChoiceSchema.default(() => datasetChoiceSchema.parse('cifar10')),
  architecture: architectureSchema,
  /**
   * Which recipe of the preset supplies the defaults of the fields below; null or auto: small where the dataset has
   * fewer than 10,000 images for training and validation, otherwise the first recipe of the preset, or for a list of
   * layers the general defaults. GET /v1/architectures lists the recipes. A stored spec names the recipe that completed
   * it.
   */
  recipe: z
    .enum([...recipeNameSchema.options, 'auto'])
    .nullable()
    .default(null),
  /** What the weights start from; null: from the seed. */
  initialWeights: initialWeightsSchema.nullable().default(null),
  /**
   * Weights that keep the values that they start with, also running statistics of batch norm, which then normalises by
   * them: `["*", "!dense_2"]` freezes all but one layer.
   */
  freeze: weightPatternsSchema.default([]),
  learningRate: z.number().gt(0).max(1000).default(0.01),
  batchSize: positiveInt.max(65536).default(20),
  epochs: positiveInt.max(10_000).default(30),
  /** Whether to leave out the last batch of an epoch where it is smaller than the others. */
  dropLastBatch: z.boolean().default(false),
  optimizer: optimizerSchema.default(() => optimizerSchema.parse('sgd')),
  schedule: scheduleSchema.default(() => scheduleSchema.parse('constant')),
  loss: lossSchema.default({ type: 'crossEntropy', labelSmoothing: 0, classWeights: null }),
  augmentation: augmentationSchema.default(() => augmentationSchema.parse({})),
  testAugmentation: testAugmentationSchema.default('none'),
  normalization: normalizationSchema.default('half'),
  earlyStopping: earlyStoppingSchema.nullable().default(null),
  /** The job then succeeds with the test of its best weights, and says why it stopped. */
  stopAfter: stopAfterSchema.nullable().default(null),
  ema: emaSchema.nullable().default(null),
  /**
   * Every few steps all weights and statistics move towards a slow copy of themselves. After the last step the slow
   * copy is the model.
   */
  lookahead: lookaheadSchema.nullable().default(null),
  precision: precisionSchema.default('fp32'),
  checkpoint: checkpointSettingsSchema.default({
    metric: 'validationLoss',
    every: 1,
    everySeconds: 120,
    everySteps: null,
    keep: 2,
  }),
  /**
   * Decides initial weights, the order of images, augmentation and dropout; drawn when absent. The split has a seed of
   * its own: `dataset.splitSeed`.
   */
  seed: seedSchema.optional(),
  maxAttempts: positiveInt.max(20).default(3),
  device: z.enum(['auto', 'cpu', 'cuda']).default('auto'),
});

/** A spec as a user may send it. */
export type JobSpecInput = z.input<typeof jobSpecSchema>;

/** A complete spec, as stored: parsed, the seed drawn, the recipe chosen, the dataset's version resolved. */
export const completeJobSpecSchema = z.preprocess(
  withNewerFields,
  jobSpecSchema.extend({ recipe: recipeNameSchema.nullable().default(null), seed: seedSchema }),
);
export type JobSpec = z.output<typeof completeJobSpecSchema>;
