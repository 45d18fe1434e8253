import { z } from 'zod';
import { jobIdSchema, uploadIdSchema } from '../ids.js';
import { positiveInt } from './numbers.js';

/** The weights that a training starts from (fine-tuning): those of `job` or of `upload`, one of them. */
export const initialWeightsSchema = z
  .strictObject({
    /** A job of the same project, one of whose checkpoints has the weights. */
    job: jobIdSchema.nullable().default(null),
    /** A complete upload of a safetensors file, of the same project. */
    upload: uploadIdSchema.nullable().default(null),
    /**
     * Of a job: `best` (also null), `last` or the number of an epoch. A stored spec has the epoch that it was when the
     * job was submitted.
     */
    checkpoint: z
      .union([z.enum(['best', 'last']), positiveInt])
      .nullable()
      .default(null),
    /**
     * Whether the head, which is the last layer with a kernel, starts from the seed, so that it can have another number
     * of classes. null: where the dataset's classes, or their order, are not those of the checkpoint; from an upload
     * where its shape is another.
     */
    newHead: z.boolean().nullable().default(null),
  })
  .refine(({ job, upload }) => (job === null) !== (upload === null), 'must have job or upload, one of them')
  .refine(({ checkpoint, upload }) => checkpoint === null || upload === null, {
    path: ['checkpoint'],
    message: 'is a choice of a job; leave it out, or name a job',
  });
export type InitialWeights = z.output<typeof initialWeightsSchema>;
