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
  /** Weights, optimiser state, activations and gradients of one step, in bytes. */
  memoryBytes: z.int(),
  /** From past runs of the same architecture and batch size; null where there are none. */
  expectedSeconds: z.number().nullable(),
});
export type Plan = z.infer<typeof planSchema>;
