import { z } from 'zod';
import { architectureSummarySchema } from './architecture.js';
import { completeJobSpecSchema } from './spec/spec.js';

/** Peak resident memory, in bytes, of a trainer process with the native executor on a CPU, by purpose. */
export const memorySchema = z.object({
  /** Node, its modules and the executor's libraries. */
  processBytes: z.int(),
  /** Pages of the dataset's file that training, validation and test touch. */
  datasetBytes: z.int(),
  /** Weights, optimiser state and averages, plus a second copy of the weights for the test. */
  stateBytes: z.int(),
  /** Activations and gradients of a step as the memory plan lays them out, and scratch memory of the ops. */
  stepBytes: z.int(),
  /** Copies on the JavaScript side: the newest checkpoint, the best weights, and the tensor that is being copied. */
  checkpointBytes: z.int(),
  /** Sum of the above; within 10 % of the measured use. */
  peakBytes: z.int(),
});
export type Memory = z.infer<typeof memorySchema>;

/** The answer to `?dryRun=true`: everything that is known about a job before it runs. */
export const planSchema = z.object({
  spec: completeJobSpecSchema,
  architecture: architectureSummarySchema,
  /** What was chosen for the user, one line each: the recipe, the validation images, changes of a preset. */
  chosen: z.array(z.string()).default([]),
  /** What is probably not as the user wants it, one sentence each. */
  warnings: z.array(z.string()).default([]),
  trainImages: z.int(),
  validationImages: z.int(),
  testImages: z.int(),
  stepsPerEpoch: z.int(),
  totalSteps: z.int(),
  /** FLOPs of all epochs, forward and backward (three times forward). */
  trainingFlops: z.number(),
  /** null where the job requests a GPU, or the service has no native executor that could plan the memory. */
  memory: memorySchema.nullable(),
  /** From earlier runs with the same architecture and batch size; null where there are none. */
  expectedSeconds: z.number().nullable(),
});
export type Plan = z.infer<typeof planSchema>;
