import { z } from 'zod';
import { jobIdSchema } from '../ids.js';
import { jobStateSchema } from '../job.js';
import { pageQuerySchema } from './page.js';

export const experimentsQuerySchema = z.object(pageQuerySchema.shape);
export type ExperimentsQuery = z.output<typeof experimentsQuerySchema>;

/** The jobs of one experiment. */
export const experimentSchema = z.object({
  name: z.string(),
  /** Number of its jobs, and of those in each state. */
  jobs: z.int(),
  states: z.record(jobStateSchema, z.int()),
  /** The job with the best test accuracy; null before one was tested to its end. */
  best: z.object({ jobId: jobIdSchema, accuracy: z.number() }).nullable(),
  /** When a job of it was submitted, or reported anything, for the last time. */
  lastActivity: z.iso.datetime(),
});
export type Experiment = z.infer<typeof experimentSchema>;
