import { z } from 'zod';
import { positiveInt } from './numbers.js';

export const datasetNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 lower-case letters, digits, ".", "_" or "-"');

const datasetObjectSchema = z.strictObject({
  name: datasetNameSchema,
  /** Which import of the dataset; null: the newest at submission, whose number is then stored with the job. */
  version: positiveInt.nullable().default(null),
  /** Share of the training split that is used for validation instead. */
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
