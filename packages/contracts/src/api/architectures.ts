import { z } from 'zod';
import { architectureSummarySchema } from '../architecture.js';
import { layerListSchema } from '../spec/layers.js';
import { recipeNameSchema } from '../spec/spec.js';

export const describeBodySchema = z.strictObject({
  layers: layerListSchema,
  /** `[height, width, channels]` */
  inputShape: z.tuple([z.int().min(1).max(4096), z.int().min(1).max(4096), z.int().min(1).max(4)]).default([32, 32, 3]),
  classes: z.int().min(2).max(10_000).default(10),
});
export type DescribeBody = z.input<typeof describeBodySchema>;

export const architectureListSchema = z.object({
  data: z.array(
    architectureSummarySchema.extend({
      description: z.string(),
      /** By name, the default first: the values of the fields that a spec leaves out. */
      recipes: z.partialRecord(recipeNameSchema, z.record(z.string(), z.unknown())),
    }),
  ),
});
export type ArchitectureList = z.infer<typeof architectureListSchema>;
