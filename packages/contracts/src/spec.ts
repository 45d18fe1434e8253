import { z } from 'zod';

/**
 * The experiment spec: everything that decides what a job trains. Parsing a user's input fills in every default, so the
 * parsed value is complete, is stored with the job, and can be sent again to repeat the run. A spec is data: no code,
 * no expressions, no URLs.
 */

const positiveInt = z.int().min(1);
const fraction = z.number().min(0).max(1);
const rate = z.number().min(0).lt(1);

/** Height and width, in pixels; a single number means a square. */
const pairSchema = z
  .union([positiveInt.max(64), z.tuple([positiveInt.max(64), positiveInt.max(64)])])
  .transform((v): [number, number] => (typeof v === 'number' ? [v, v] : v));

/** After this many epochs a weight keeps its values. */
const trainedEpochs = z.int().min(0).max(10_000).nullable().default(null);

export const activationKindSchema = z.enum(['relu', 'gelu', 'tanh', 'sigmoid', 'leakyRelu']);
export type ActivationKind = z.infer<typeof activationKindSchema>;

export const conv2dLayerSchema = z.strictObject({
  type: z.literal('conv2d'),
  filters: positiveInt.max(4096),
  kernel: pairSchema.default([3, 3]),
  stride: pairSchema.default([1, 1]),
  /** `valid`: none; `same`: output size = ceil(input/stride), as TensorFlow pads; a number: that many pixels on each side. */
  padding: z.union([z.enum(['valid', 'same']), z.int().min(0).max(32)]).default('valid'),
  bias: z.boolean().default(true),
  /**
   * How the kernel starts. default: uniform within 1/sqrt(fan in), as PyTorch's; dirac: the first filters, as many as there
   * are input channels, pass their channel through, the rest as default; whitening (first layer only): the filters that
   * whiten the training images' patches, and their negatives. With dirac and whitening the bias starts at zero.
   */
  initializer: z.enum(['default', 'dirac', 'whitening']).default('default'),
  /** Epochs in which the kernel trains; null: all; 0: it keeps its first values. */
  kernelEpochs: trainedEpochs,
  /** Epochs in which the bias trains; null: all. */
  biasEpochs: trainedEpochs,
});
export const batchNormLayerSchema = z.strictObject({
  type: z.literal('batchNorm'),
  /** Weight of the newest batch in the running statistics (PyTorch's convention): running = (1 - m) running + m batch. */
  momentum: z.number().gt(0).max(1).default(0.1),
  epsilon: z.number().gt(0).max(1).default(1e-5),
  /** Whether each channel has a trained factor, gamma; without, it is 1. */
  scale: z.boolean().default(true),
});
export const activationLayerSchema = z.strictObject({
  type: z.literal('activation'),
  kind: activationKindSchema.default('relu'),
  /** Slope for negative inputs; read by leakyRelu alone. */
  slope: z.number().gt(0).lt(1).default(0.01),
});
const poolFields = {
  size: pairSchema.default([2, 2]),
  /** Defaults to the size: windows that do not overlap. */
  stride: pairSchema.optional(),
};
const withStride = <T extends { size: [number, number]; stride?: [number, number] | undefined }>(pool: T) => ({
  ...pool,
  stride: pool.stride ?? pool.size,
});
export const maxPoolLayerSchema = z.strictObject({ type: z.literal('maxPool'), ...poolFields }).transform(withStride);
export const avgPoolLayerSchema = z.strictObject({ type: z.literal('avgPool'), ...poolFields }).transform(withStride);
export const globalAvgPoolLayerSchema = z.strictObject({ type: z.literal('globalAvgPool') });
export const dropoutLayerSchema = z.strictObject({ type: z.literal('dropout'), rate: rate.default(0.5) });
export const spatialDropoutLayerSchema = z.strictObject({ type: z.literal('spatialDropout'), rate: rate.default(0.1) });
export const flattenLayerSchema = z.strictObject({ type: z.literal('flatten') });
export const denseLayerSchema = z.strictObject({
  type: z.literal('dense'),
  units: positiveInt.max(65536),
  bias: z.boolean().default(true),
});
/** Every value times a constant, e.g. to make a network's first outputs small. */
export const scaleLayerSchema = z.strictObject({ type: z.literal('scale'), factor: z.number().min(-1000).max(1000) });

const plainLayerSchemas = [
  conv2dLayerSchema,
  batchNormLayerSchema,
  activationLayerSchema,
  maxPoolLayerSchema,
  avgPoolLayerSchema,
  globalAvgPoolLayerSchema,
  dropoutLayerSchema,
  spatialDropoutLayerSchema,
  flattenLayerSchema,
  denseLayerSchema,
  scaleLayerSchema,
] as const;

/** output = input + layers(input); both of the same shape. Residuals do not nest. */
export const residualLayerSchema = z.strictObject({
  type: z.literal('residual'),
  layers: z.array(z.discriminatedUnion('type', plainLayerSchemas)).min(1).max(16),
});

export const layerSchema = z.discriminatedUnion('type', [...plainLayerSchemas, residualLayerSchema]);
/** A layer with every default filled in. */
export type Layer = z.output<typeof layerSchema>;
export type LayerInput = z.input<typeof layerSchema>;

export const layerListSchema = z.array(layerSchema).min(1).max(128);

/** A preset's name, or a list of layers. Which presets exist, and whether shapes fit, is checked by `architectures`. */
export const architectureSchema = z.union([z.string().min(1).max(64), z.strictObject({ layers: layerListSchema })]);
export type Architecture = z.output<typeof architectureSchema>;

export const datasetNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 lower-case letters, digits, ".", "_" or "-"');

const datasetObjectSchema = z.strictObject({
  name: datasetNameSchema,
  /** Which import of the set; null takes the newest at submission, and the number found is stored with the job. */
  version: positiveInt.nullable().default(null),
  /** Share of the training split held back for validation. */
  validationFraction: z.number().gt(0).lt(1).default(0.2),
  /** shuffled: a seeded shuffle first; head: the first images as stored; stratified: the same share of every class. */
  validationSplit: z.enum(['shuffled', 'head', 'stratified']).default('shuffled'),
  /** At most this many images of the training split (validation included) after the shuffle; null: all. */
  limit: positiveInt.nullable().default(null),
});
export const datasetChoiceSchema = z
  .union([datasetNameSchema, datasetObjectSchema])
  .transform((v) => (typeof v === 'string' ? datasetObjectSchema.parse({ name: v }) : v));
export type DatasetChoice = z.output<typeof datasetChoiceSchema>;

const weightDecay = z.number().min(0).max(1).default(0);

/** What a weight is to its layer: the last part of its name in checkpoints. */
export const weightKindSchema = z.enum(['kernel', 'bias', 'gamma', 'beta']);
export type WeightKind = z.infer<typeof weightKindSchema>;

/** Weights of one kind that are updated with a rate and a decay of their own. */
const optimizerGroupSchema = z.strictObject({
  match: weightKindSchema,
  /** Times the learning rate; 0: these weights keep their first values. */
  learningRateFactor: z.number().min(0).max(10_000).default(1),
  /** Instead of the optimizer's; null: the optimizer's. */
  weightDecay: z.number().min(0).max(1).nullable().default(null),
});
/** At most one a kind; all other weights have the optimizer's own rate and decay. */
const groups = z.array(optimizerGroupSchema).max(4).default([]);
const adamFields = {
  beta1: rate.default(0.9),
  beta2: rate.default(0.999),
  epsilon: z.number().gt(0).max(1).default(1e-8),
  weightDecay,
  groups,
};
const optimizerObjectSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('sgd'),
    momentum: rate.default(0),
    nesterov: z.boolean().default(false),
    /** Coupled (L2): added to the gradient. */
    weightDecay,
    groups,
  }),
  /** Kingma and Ba 2015; weight decay coupled (L2). */
  z.strictObject({ type: z.literal('adam'), ...adamFields }),
  /** Loshchilov and Hutter 2019; weight decay decoupled. */
  z.strictObject({ type: z.literal('adamw'), ...adamFields }),
]);
export const optimizerSchema = z
  .union([z.enum(['sgd', 'adam', 'adamw']), optimizerObjectSchema])
  .transform((v) => (typeof v === 'string' ? optimizerObjectSchema.parse({ type: v }) : v));
export type Optimizer = z.output<typeof optimizerSchema>;

/** Epochs in which the rate first rises linearly from 0. */
const warmupEpochs = z.number().min(0).max(1000).default(0);
const scheduleObjectSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('constant'), warmupEpochs }),
  /** Times `factor` after every `everyEpochs` epochs. */
  z.strictObject({
    type: z.literal('step'),
    everyEpochs: positiveInt.max(10000).default(10),
    factor: z.number().gt(0).max(1).default(0.1),
    warmupEpochs,
  }),
  /** Half a cosine from the rate to `finalFraction` of it (Loshchilov and Hutter 2017, without restarts). */
  z.strictObject({ type: z.literal('cosine'), finalFraction: fraction.default(0), warmupEpochs }),
  z.strictObject({ type: z.literal('linear'), finalFraction: fraction.default(0), warmupEpochs }),
  /** Smith 2018: up over the first `warmupFraction` of the steps, then down; cosine both ways. */
  z.strictObject({
    type: z.literal('oneCycle'),
    warmupFraction: z.number().gt(0).lt(1).default(0.3),
    initialFraction: fraction.default(0.04),
    finalFraction: fraction.default(0.0001),
  }),
  /** From `initialFraction` of the rate straight up to all of it over the first `warmupFraction` of the steps, then straight down. */
  z.strictObject({
    type: z.literal('triangular'),
    warmupFraction: z.number().gt(0).lt(1).default(0.23),
    initialFraction: fraction.default(0.2),
    finalFraction: fraction.default(0.07),
  }),
]);
export const scheduleSchema = z
  .union([z.enum(['constant', 'step', 'cosine', 'linear', 'oneCycle', 'triangular']), scheduleObjectSchema])
  .transform((v) => (typeof v === 'string' ? scheduleObjectSchema.parse({ type: v }) : v));
export type Schedule = z.output<typeof scheduleSchema>;

export const augmentationSchema = z.strictObject({
  /**
   * true: mirror each image left to right with probability 1/2; alternating: mirror each image at random once, then all of
   * them in every second epoch (Jordan 2024), so that two epochs show each image both ways.
   */
  flip: z.union([z.boolean(), z.literal('alternating')]).default(false),
  /** Shift by up to this many pixels in each direction. */
  translate: z.int().min(0).max(16).default(0),
  /** What a shift brings in from outside: zero after normalisation, or the image reflected at its border pixels. */
  border: z.enum(['zero', 'reflect']).default('zero'),
  /** Side of a square set to zero after normalisation, centre drawn inside the image; 0: off (DeVries and Taylor 2017). */
  cutout: z.int().min(0).max(64).default(0),
});
export type Augmentation = z.output<typeof augmentationSchema>;

/** half: mean and std 0.5; dataset: the training split's own; or numbers a channel, for pixels scaled to [0, 1]. */
export const normalizationSchema = z.union([
  z.enum(['half', 'dataset']),
  z.strictObject({ mean: z.array(z.number()).min(1).max(4), std: z.array(z.number().gt(0)).min(1).max(4) }),
]);
export type Normalization = z.output<typeof normalizationSchema>;

/**
 * Zhang et al. 2019, with a decay that grows as in Jordan 2024 (arXiv 2404.00498): at every `every`-th step t of T
 * slow = d slow + (1 - d) weights with d = decay (t/T)^power, and the weights become the slow copy. power 0: d is constant.
 */
export const lookaheadSchema = z.strictObject({
  every: positiveInt.max(10_000).default(5),
  decay: z
    .number()
    .min(0)
    .lt(1)
    .default(0.95 ** 5),
  power: z.number().min(0).max(10).default(3),
});
export type Lookahead = z.output<typeof lookaheadSchema>;

/** What convolutions and matrix products compute in; weights and sums are fp32 in all of them. */
export const precisionSchema = z.enum(['fp32', 'tf32', 'bf16']);
export type Precision = z.infer<typeof precisionSchema>;

export const watchedMetricSchema = z.enum(['validationLoss', 'validationAccuracy']);
export type WatchedMetric = z.infer<typeof watchedMetricSchema>;

/** article: what the article prints; tuned: what this project found, or took from the paper that the preset is of. */
export const recipeNameSchema = z.enum(['article', 'tuned']);
export type RecipeName = z.infer<typeof recipeNameSchema>;

const seedSchema = z.int().min(0).max(0xffffffff);

const tag = z.string().min(1).max(64);

export const jobSpecSchema = z.strictObject({
  name: z.string().min(1).max(200).nullable().default(null),
  experiment: z.string().min(1).max(200).default('default'),
  tags: z.array(tag).max(32).default([]),
  notes: z.string().max(10_000).default(''),
  /** Higher runs sooner. */
  priority: z.int().min(-100).max(100).default(0),
  dataset: datasetChoiceSchema.default(() => datasetChoiceSchema.parse('cifar10')),
  architecture: architectureSchema,
  /**
   * Which recipe of the preset gives the defaults of all that follows; null: the preset's first, or for a list of layers the
   * general ones. GET /v1/architectures lists the recipes. A stored spec names the recipe that it was completed with.
   */
  recipe: recipeNameSchema.nullable().default(null),
  learningRate: z.number().gt(0).max(1000).default(0.01),
  batchSize: positiveInt.max(65536).default(20),
  epochs: positiveInt.max(10_000).default(30),
  /** Whether the last batch of an epoch is left out where it is smaller than the others. */
  dropLastBatch: z.boolean().default(false),
  optimizer: optimizerSchema.default(() => optimizerSchema.parse('sgd')),
  schedule: scheduleSchema.default(() => scheduleSchema.parse('constant')),
  loss: z
    .strictObject({ type: z.literal('crossEntropy').default('crossEntropy'), labelSmoothing: rate.default(0) })
    .default({ type: 'crossEntropy', labelSmoothing: 0 }),
  augmentation: augmentationSchema.default({ flip: false, translate: 0, border: 'zero', cutout: 0 }),
  /**
   * Logits of validation and test. none: of the image; mirror: mean of the image's and its mirror image's; mirrorTranslate:
   * half of that, half the mean of the same for the image shifted by (-1, -1) and by (1, 1) pixels, reflected at its border.
   */
  testAugmentation: z.enum(['none', 'mirror', 'mirrorTranslate']).default('none'),
  normalization: normalizationSchema.default('half'),
  earlyStopping: z
    .strictObject({
      metric: watchedMetricSchema.default('validationLoss'),
      /** Epochs without an improvement of more than `minDelta` before the training ends. */
      patience: positiveInt.max(10_000).default(5),
      minDelta: z.number().min(0).default(0),
    })
    .nullable()
    .default(null),
  /** Exponential moving average of the weights; validation, test and checkpoints then use the average. */
  ema: z
    .strictObject({ decay: z.number().gt(0).lt(1).default(0.999) })
    .nullable()
    .default(null),
  /** Every few steps all weights and statistics move towards a slow copy of themselves, which is the model after the last step. */
  lookahead: lookaheadSchema.nullable().default(null),
  precision: precisionSchema.default('fp32'),
  checkpoint: z
    .strictObject({
      /** What `best` means: the lowest validation loss, or the highest validation accuracy. */
      metric: watchedMetricSchema.default('validationLoss'),
      /** Epochs between checkpoints that are kept for `last`; a new best is always kept. */
      every: positiveInt.max(10_000).default(1),
      /** Seconds of training after which an epoch under way gets a checkpoint, so that a crash costs no more; null: never. */
      everySeconds: z.number().min(0.1).max(86_400).nullable().default(120),
      /** The same by training steps, counted from the beginning of the run; null: never. */
      everySteps: positiveInt.nullable().default(null),
      /** How many of the newest checkpoints of whole epochs stay besides the best; of those within epochs the two newest do. */
      keep: positiveInt.max(100).default(2),
    })
    .default({ metric: 'validationLoss', every: 1, everySeconds: 120, everySteps: null, keep: 2 }),
  /** Drives initial weights, the split, the order of images, augmentation and dropout; drawn when absent. */
  seed: seedSchema.optional(),
  maxAttempts: positiveInt.max(20).default(3),
  device: z.enum(['auto', 'cpu', 'cuda']).default('auto'),
});

/** What a user may send. */
export type JobSpecInput = z.input<typeof jobSpecSchema>;

/** A complete spec, as stored: parsed, the seed drawn, the dataset's version resolved. */
export const completeJobSpecSchema = jobSpecSchema.extend({ seed: seedSchema });
export type JobSpec = z.output<typeof completeJobSpecSchema>;
