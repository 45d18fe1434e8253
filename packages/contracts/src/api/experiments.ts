import { z } from 'zod';
import { jobIdSchema } from '../ids.js';
import { type JobState, jobStateSchema } from '../job.js';
import { pageQuerySchema } from './page.js';

export const experimentsQuerySchema = z.object(pageQuerySchema.shape);
export type ExperimentsQuery = z.output<typeof experimentsQuerySchema>;

/** A property for each state: generators of clients understand that, and not a map whose keys are required. */
const stateCountsSchema = z.object(
  Object.fromEntries(jobStateSchema.options.map((state) => [state, z.int()])) as Record<JobState, z.ZodInt>,
);

/** The jobs of one experiment. */
export const experimentSchema = z.object({
  name: z.string(),
  /** Number of its jobs, and of those in each state. */
  jobs: z.int(),
  states: stateCountsSchema,
  /** The job with the best test accuracy; null before one was tested to its end. */
  best: z.object({ jobId: jobIdSchema, accuracy: z.number() }).nullable(),
  /** When a job of it was submitted, or reported anything, for the last time. */
  lastActivity: z.iso.datetime(),
});
export type Experiment = z.infer<typeof experimentSchema>;
