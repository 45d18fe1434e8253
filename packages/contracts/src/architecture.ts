import { z } from 'zod';

/** A row of the layer table. Shapes exclude the batch: `[height, width, channels]` or `[units]`. */
export const layerSummarySchema = z.object({
  /** JSON pointer into the layer list, e.g. `/layers/3` or `/layers/4/layers/0`. */
  pointer: z.string(),
  /** Before the slash in the names of its weights, e.g. `conv2d_1`; patterns of `freeze` name it so. */
  name: z.string(),
  type: z.string(),
  /** e.g. `6 filters 5x5, stride 1, padding 0`. */
  detail: z.string(),
  inputShape: z.array(z.int()),
  outputShape: z.array(z.int()),
  parameters: z.int(),
  /** Of the forward pass of one image; a multiply-add counts as two. */
  flops: z.number(),
});
export const architectureSummarySchema = z.object({
  /** Preset name, or `custom`. */
  name: z.string(),
  inputShape: z.array(z.int()),
  classes: z.int(),
  layers: z.array(layerSummarySchema),
  parameters: z.int(),
  /** Of the forward pass of one image. */
  flops: z.number(),
});
export type LayerSummary = z.infer<typeof layerSummarySchema>;
export type ArchitectureSummary = z.infer<typeof architectureSummarySchema>;
