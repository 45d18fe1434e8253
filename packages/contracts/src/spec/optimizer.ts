import { z } from 'zod';
import { weightKindSchema } from './layers.js';
import { positiveInt, rate } from './numbers.js';
import { weightPatternSchema } from './weightPatterns.js';

const weightDecay = z.number().min(0).max(1).default(0);

/** Gives weights a learning rate and a weight decay of their own. */
export const optimizerGroupSchema = z.strictObject({
  /** All weights of one kind, or those that a pattern names. */
  match: z.union([weightKindSchema, weightPatternSchema]),
  /** Multiplies the learning rate; 0: these weights keep their initial values. */
  learningRateFactor: z.number().min(0).max(10_000).default(1),
  /** Replaces the optimizer's; null: the optimizer's. */
  weightDecay: z.number().min(0).max(1).nullable().default(null),
});
/** The first group that names a weight counts; all other weights have the optimizer's own rate and decay. */
const groups = z.array(optimizerGroupSchema).max(100).default([]);
const adamFields = {
  beta1: rate.default(0.9),
  beta2: rate.default(0.999),
  epsilon: z.number().gt(0).max(1).default(1e-8),
  weightDecay,
  groups,
};
export const sgdSchema = z.strictObject({
  type: z.literal('sgd'),
  momentum: rate.default(0),
  nesterov: z.boolean().default(false),
  /** Coupled (L2): added to the gradient. */
  weightDecay,
  groups,
});
/** Kingma and Ba 2015; weight decay coupled (L2). */
export const adamSchema = z.strictObject({ type: z.literal('adam'), ...adamFields });
/** Loshchilov and Hutter 2019; weight decay decoupled. */
export const adamwSchema = z.strictObject({ type: z.literal('adamw'), ...adamFields });
const optimizerObjectSchema = z.discriminatedUnion('type', [sgdSchema, adamSchema, adamwSchema]);
export const optimizerSchema = z
  .union([z.enum(['sgd', 'adam', 'adamw']), optimizerObjectSchema])
  .transform((v): z.input<typeof optimizerObjectSchema> => (typeof v === 'string' ? { type: v } : v))
  .pipe(optimizerObjectSchema);
export type Optimizer = z.output<typeof optimizerSchema>;

/**
 * Zhang et al. 2019, with a decay that grows as in Jordan 2024 (arXiv 2404.00498): at every `every`-th step t of T
 * slow = d slow + (1 - d) weights with d = decay (t/T)^power, and the weights become the slow copy. With power 0, d is
 * constant.
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

/**
 * An exponential moving average of the weights and of batch norm's running statistics: after every step, average =
 * decay * average + (1 - decay) * value. Validation, test and checkpoints then use the averages.
 */
export const emaSchema = z.strictObject({
  /** How much of the average a step keeps: it reaches back about 1 / (1 - decay) steps. */
  decay: z.number().gt(0).lt(1).default(0.999),
  /**
   * Whether step t (from 0) keeps min(decay, (1 + t) / (10 + t)), as in TensorFlow: the average of a short run then
   * follows the weights, instead of their initial values. 0.999 is reached after 8,990 steps.
   */
  warmup: z.boolean().default(true),
});
export type Ema = z.output<typeof emaSchema>;
