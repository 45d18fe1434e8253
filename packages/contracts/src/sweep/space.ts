import { z } from 'zod';

/** The search space of a sweep: which fields of a job spec it varies, and over which values. */

/** Parameters of a space, and values of a choice. */
export const maxParameters = 32;
export const maxChoices = 100;

/**
 * A field of the job spec by its keys with dots between them, e.g. `optimizer.momentum`; an item of a list by its place
 * from 0, e.g. `architecture.layers.0.filters`.
 */
export const parameterPathSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z]\w*(\.[\w-]+)*$/, 'must be keys of a job spec with dots between them, like optimizer.momentum');

/**
 * The parameter is varied only where each choice that this names has one of the values listed; elsewhere the field has
 * what the base spec says. `{"optimizer.type": ["sgd"]}`: only with sgd.
 */
const when = z.record(parameterPathSchema, z.array(z.unknown()).min(1).max(maxChoices)).default({});

const bound = z.number().min(-1e9).max(1e9);
const wholeBound = z.int().min(-1e9).max(1e9);
/**
 * How many values a grid takes of the range, its ends included, and evenly spaced; no other sampler takes it. null: a
 * grid takes every whole number; a range of real numbers needs it.
 */
const steps = z.int().min(2).max(1000).nullable().default(null);
const range = { min: bound, max: bound, steps, when };
const wholeRange = { min: wholeBound, max: wholeBound, steps, when };

/** One of the values listed, of any type that the field takes. */
export const choiceSchema = z.strictObject({
  type: z.literal('choice'),
  values: z.array(z.unknown()).min(1).max(maxChoices),
  when,
});
/** Evenly between min and max. */
export const uniformSchema = z.strictObject({ type: z.literal('uniform'), ...range });
/** Evenly on a logarithmic scale between min and max; min is above 0. */
export const logUniformSchema = z.strictObject({ type: z.literal('logUniform'), ...range });
/** A whole number from min to max, both included. */
export const intSchema = z.strictObject({ type: z.literal('int'), ...wholeRange });
/** As `int`, evenly on a logarithmic scale; min is at least 1. */
export const logIntSchema = z.strictObject({ type: z.literal('logInt'), ...wholeRange });

export const parameterSchema = z.discriminatedUnion('type', [
  choiceSchema,
  uniformSchema,
  logUniformSchema,
  intSchema,
  logIntSchema,
]);
export type Parameter = z.output<typeof parameterSchema>;
export type RangeParameter = Exclude<Parameter, { type: 'choice' }>;

export const searchSpaceSchema = z.record(parameterPathSchema, parameterSchema);
export type SearchSpace = z.output<typeof searchSpaceSchema>;

/** The values of a trial by the paths of the parameters that are varied there. */
export const pointSchema = z.record(z.string(), z.unknown());
export type Point = z.output<typeof pointSchema>;
