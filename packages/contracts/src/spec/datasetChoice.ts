import { z } from 'zod';
import { positiveInt, seedSchema } from './numbers.js';

export const datasetNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 lower-case letters, digits, ".", "_" or "-"');

const datasetObjectSchema = z.strictObject({
  name: datasetNameSchema,
  /** Which import of the dataset; null: the newest at submission, whose number is then stored with the job. */
  version: positiveInt.nullable().default(null),
  /** Share of the training images that is used for validation instead; without effect where the split is provided. */
  validationFraction: z.number().gt(0).lt(1).default(0.2),
  /**
   * provided: the validation images that the dataset itself has; the default where it has some and neither this field
   * nor `validationFraction` is sent. The others draw from all images that are not for the test: shuffled: a seeded
   * shuffle first; head: the first images as stored; stratified: the same share of every class.
   */
  validationSplit: z.enum(['shuffled', 'head', 'stratified', 'provided']).default('shuffled'),
  /**
   * At most this many images for training and validation together, after the shuffle; null: all. Where the split is
   * provided, both parts are reduced by the same factor.
   */
  limit: positiveInt.nullable().default(null),
  /**
   * Decides which images are for validation and which a `limit` keeps. It is apart from the spec's `seed`, so that jobs
   * with other seeds validate on the same images and their validation figures can be compared. A stored job that is
   * older than this field was split by its `seed`, which is then shown here.
   */
  splitSeed: seedSchema.default(0),
});
export const datasetChoiceSchema = z
  .union([datasetNameSchema, datasetObjectSchema])
  .transform((v): z.input<typeof datasetObjectSchema> => (typeof v === 'string' ? { name: v } : v))
  .pipe(datasetObjectSchema);
export type DatasetChoice = z.output<typeof datasetChoiceSchema>;

/** A dataset of which no image is trained on. */
export const datasetVersionSchema = z
  .union([datasetNameSchema, datasetObjectSchema.pick({ name: true, version: true })])
  .transform((v) => (typeof v === 'string' ? { name: v, version: null } : v));
