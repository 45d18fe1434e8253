import { z } from 'zod';
import { projectSchema } from './keys.js';

export const projectParamsSchema = z.object({ name: projectSchema });

/** Of two projects that wait, one with three times the weight starts three times as many jobs. */
export const projectWeightSchema = z.number().min(0.01).max(1000);
export const projectBodySchema = z.strictObject({ weight: projectWeightSchema });
export type ProjectBody = z.output<typeof projectBodySchema>;

/** A project, with its part in the workers and the jobs that it has in the queue and in training. */
export const projectShareSchema = z.object({
  name: z.string(),
  weight: z.number(),
  queued: z.int(),
  running: z.int(),
});
export type ProjectShare = z.infer<typeof projectShareSchema>;
