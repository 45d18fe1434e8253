import { z } from 'zod';

/** A row of the layer table. Shapes are without the batch: `[height, width, channels]` or `[units]`. */
export const layerSummarySchema = z.object({
  /** JSON pointer into the layer list, e.g. `/layers/3` or `/layers/4/layers/0`. */
  pointer: z.string(),
  type: z.string(),
  /** e.g. `6 filters 5x5, stride 1, padding 0`. */
  detail: z.string(),
  inputShape: z.array(z.int()),
  outputShape: z.array(z.int()),
  parameters: z.int(),
  /** Multiply-adds counted as two, forward, one image. */
  flops: z.number(),
});
export const architectureSummarySchema = z.object({
  /** Preset name, or `custom`. */
  name: z.string(),
  inputShape: z.array(z.int()),
  classes: z.int(),
  layers: z.array(layerSummarySchema),
  parameters: z.int(),
  /** Forward, one image. */
  flops: z.number(),
});
export type LayerSummary = z.infer<typeof layerSummarySchema>;
export type ArchitectureSummary = z.infer<typeof architectureSummarySchema>;

/** Bytes of resident memory of a trainer process on the native executor of a CPU, at its peak and by what they are for. */
export const memorySchema = z.object({
  /** Node, its modules and the executor's libraries. */
  processBytes: z.int(),
  /** Pages of the dataset's file that training, validation and test read. */
  datasetBytes: z.int(),
  /** Weights, optimiser state and averages, and the weights once more for the test. */
  stateBytes: z.int(),
  /** Activations and gradients of a step as its memory is planned, and what its ops need for themselves. */
  stepBytes: z.int(),
  /** Copies in the host's hands: the newest checkpoint, the best weights, and a tensor on its way. */
  checkpointBytes: z.int(),
  /** All of it; within 10 % of what is then used. */
  peakBytes: z.int(),
});
export type Memory = z.infer<typeof memorySchema>;

/** What `?dryRun=true` answers: all that is known of a job before it runs. */
export const planSchema = z.object({
  spec: z.unknown(),
  architecture: architectureSummarySchema,
  trainImages: z.int(),
  validationImages: z.int(),
  testImages: z.int(),
  stepsPerEpoch: z.int(),
  totalSteps: z.int(),
  /** Forward and backward (three times forward), all epochs, in FLOPs. */
  trainingFlops: z.number(),
  /** null where the job wants a GPU, or the service has no native executor to ask. */
  memory: memorySchema.nullable(),
  /** From past runs of the same architecture and batch size; null where there are none. */
  expectedSeconds: z.number().nullable(),
});
export type Plan = z.infer<typeof planSchema>;
