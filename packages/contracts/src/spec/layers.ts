import { z } from 'zod';
import { positiveInt, rate } from './numbers.js';

const side = positiveInt.max(64);
/** Height and width, in pixels. */
const completePairSchema = z.tuple([side, side]);
/** A single number means a square. */
const pairSchema = z
  .union([side, completePairSchema])
  .transform((v): [number, number] => (typeof v === 'number' ? [v, v] : v))
  .pipe(completePairSchema);

/** Number of epochs after which a weight keeps its value. */
const trainedEpochs = z.int().min(0).max(10_000).nullable().default(null);

export const activationKindSchema = z.enum(['relu', 'gelu', 'tanh', 'sigmoid', 'leakyRelu']);
export type ActivationKind = z.infer<typeof activationKindSchema>;

export const conv2dLayerSchema = z.strictObject({
  type: z.literal('conv2d'),
  filters: positiveInt.max(4096),
  kernel: pairSchema.default([3, 3]),
  stride: pairSchema.default([1, 1]),
  /**
   * Distance in pixels between the values that neighbouring values of the kernel are multiplied with (Yu and Koltun
   * 2016): a kernel of k values covers (k - 1) dilation + 1 pixels. Above 1 only with a stride of 1.
   */
  dilation: pairSchema.default([1, 1]),
  /**
   * Number of groups that channels and filters are divided into, in order: a filter reads only the input channels of
   * its group. Divides both. As many groups as input channels: a depthwise convolution. As PyTorch's `groups`.
   */
  groups: positiveInt.max(4096).default(1),
  /**
   * `valid`: none; `same`: output size = ceil(input/stride), padded as TensorFlow does; a number: that many pixels on
   * each side.
   */
  padding: z.union([z.enum(['valid', 'same']), z.int().min(0).max(32)]).default('valid'),
  bias: z.boolean().default(true),
  /**
   * How the kernel is initialised. default: uniform within 1/sqrt(fan in), as in PyTorch; dirac: filter i of a group
   * returns the group's channel i unchanged, filters beyond the number of its channels start as by default; whitening
   * (first layer only): the filters that whiten the patches of the training images, and their negatives. With dirac and
   * whitening the bias starts at zero.
   */
  initializer: z.enum(['default', 'dirac', 'whitening']).default('default'),
  /** Epochs in which the kernel trains; null: all; 0: it keeps its initial values. */
  kernelEpochs: trainedEpochs,
  /** Epochs in which the bias trains; null: all. */
  biasEpochs: trainedEpochs,
});
export const batchNormLayerSchema = z.strictObject({
  type: z.literal('batchNorm'),
  /**
   * Weight of the newest batch in the running statistics (PyTorch's convention): running = (1 - m) running + m batch.
   */
  momentum: z.number().gt(0).max(1).default(0.1),
  epsilon: z.number().gt(0).max(1).default(1e-5),
  /** Whether each channel has a trained factor, gamma; without it, the factor is 1. */
  scale: z.boolean().default(true),
});
export const activationLayerSchema = z.strictObject({
  type: z.literal('activation'),
  kind: activationKindSchema.default('relu'),
  /** Slope for negative inputs; only leakyRelu uses it. */
  slope: z.number().gt(0).lt(1).default(0.01),
});
const poolFields = {
  size: pairSchema.default([2, 2]),
  /** Defaults to the size: windows that do not overlap. */
  stride: pairSchema.optional(),
};
/*
 * The schema after `pipe` describes what comes out: without it, the OpenAPI document would know nothing of a pool layer
 * in an answer.
 */
const completePoolFields = { size: completePairSchema, stride: completePairSchema };
const withStride = <T extends { size: [number, number]; stride?: [number, number] | undefined }>(pool: T) => ({
  ...pool,
  stride: pool.stride ?? pool.size,
});
export const maxPoolLayerSchema = z
  .strictObject({ type: z.literal('maxPool'), ...poolFields })
  .transform(withStride)
  .pipe(z.strictObject({ type: z.literal('maxPool'), ...completePoolFields }));
export const avgPoolLayerSchema = z
  .strictObject({ type: z.literal('avgPool'), ...poolFields })
  .transform(withStride)
  .pipe(z.strictObject({ type: z.literal('avgPool'), ...completePoolFields }));
export const globalAvgPoolLayerSchema = z.strictObject({ type: z.literal('globalAvgPool') });
export const dropoutLayerSchema = z.strictObject({ type: z.literal('dropout'), rate: rate.default(0.5) });
export const spatialDropoutLayerSchema = z.strictObject({ type: z.literal('spatialDropout'), rate: rate.default(0.1) });
export const flattenLayerSchema = z.strictObject({ type: z.literal('flatten') });
export const denseLayerSchema = z.strictObject({
  type: z.literal('dense'),
  units: positiveInt.max(65536),
  bias: z.boolean().default(true),
});
/**
 * Multiplies each channel by a factor between 0 and 1 that follows from the means of all channels (Hu et al. 2018): the
 * mean of each channel's map, a dense layer with fewer units, an activation, a dense layer with a unit a channel, and a
 * sigmoid.
 */
export const squeezeExciteLayerSchema = z.strictObject({
  type: z.literal('squeezeExcite'),
  /** The channels divided by this, rounded down, are the units of the first dense layer. */
  reduction: positiveInt.max(4096).default(16),
  /** After the first dense layer; leakyRelu has its default slope. */
  activation: activationKindSchema.default('relu'),
});
/** Multiplies every value by a constant, e.g. to make the first outputs of a network small. */
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
  squeezeExciteLayerSchema,
] as const;

type PlainLayer = (typeof plainLayerSchemas)[number];
type WithInner<Plain> =
  | Plain
  | { type: 'residual'; layers: WithInner<Plain>[] }
  | { type: 'concatenate'; branches: WithInner<Plain>[][] };
/** A layer with every default filled in. */
export type Layer = WithInner<z.output<PlainLayer>>;
export type LayerInput = WithInner<z.input<PlainLayer>>;

/** Longest lists of layers: in an architecture, and inside another layer. */
export const maxLayers = 128;
export const maxInnerLayers = 16;
/** Number of branches of a concatenate. */
export const minBranches = 2;
export const maxBranches = 8;
/** Most layers around another one: a residual in a branch of a concatenate in a residual has two. */
export const maxNesting = 4;
/**
 * Most layers of an architecture, with those inside others: the time in which a training step is planned grows with
 * their square.
 */
export const maxLayersInAll = 1024;

const innerLayerSchema: z.ZodType<Layer, LayerInput> = z.lazy(() => layerSchema);

/** output = input + layers(input); both have the same shape. */
export const residualLayerSchema = z.strictObject({
  type: z.literal('residual'),
  layers: z.array(innerLayerSchema).min(1).max(maxInnerLayers),
});

/**
 * output = the outputs of the branches side by side, in order: their channels, where their maps have one height and
 * width, or their flat values. Every branch gets the input; one without layers is the input itself, as in DenseNet
 * (Huang et al. 2017).
 */
export const concatenateLayerSchema = z.strictObject({
  type: z.literal('concatenate'),
  branches: z.array(z.array(innerLayerSchema).max(maxInnerLayers)).min(minBranches).max(maxBranches),
});

export const layerSchema = z.discriminatedUnion('type', [
  ...plainLayerSchemas,
  residualLayerSchema,
  concatenateLayerSchema,
]);

export const layerListSchema = z.array(layerSchema).min(1).max(maxLayers);

export const customArchitectureSchema = z.strictObject({ layers: layerListSchema });

/**
 * A preset's name, or a list of layers. The packages `architectures` and `spec` check whether the preset exists and
 * whether the shapes fit.
 */
export const architectureSchema = z.union([z.string().min(1).max(64), customArchitectureSchema]);
export type Architecture = z.output<typeof architectureSchema>;

/** Role of a weight in its layer: the last part of its name in checkpoints. */
export const weightKindSchema = z.enum(['kernel', 'bias', 'gamma', 'beta']);
export type WeightKind = z.infer<typeof weightKindSchema>;
