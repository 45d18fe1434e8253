import { z } from 'zod';
import { jobIdSchema } from '../ids.js';
import { positiveInt } from './numbers.js';

/** A checkpoint of the same project whose weights a training starts from (fine-tuning). */
export const initialWeightsSchema = z.strictObject({
  job: jobIdSchema,
  /** `best`, `last` or the number of an epoch. A stored spec has the epoch that it was when the job was submitted. */
  checkpoint: z.union([z.enum(['best', 'last']), positiveInt]).default('best'),
  /**
   * Whether the head, which is the last layer with a kernel, starts from the seed, so that it can have another number
   * of classes. null: where the dataset's classes, or their order, are not those of the checkpoint.
   */
  newHead: z.boolean().nullable().default(null),
});
export type InitialWeights = z.output<typeof initialWeightsSchema>;
