import { z } from 'zod';
import { channelMomentsSchema } from './dataset.js';
import { layerListSchema } from './spec/layers.js';
import { completeJobSpecSchema } from './spec/spec.js';

export const checkpointFileSchema = z.object({
  name: z.enum(['model.json', 'weights.bin', 'state.safetensors']),
  bytes: z.int(),
  /** Lower-case hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** A position within a run: `epoch` epochs are complete, and `step` steps of the next one. */
export const trainingPositionSchema = z.object({ epoch: z.int(), step: z.int(), globalStep: z.int() });
export type TrainingPosition = z.infer<typeof trainingPositionSchema>;

const bestValueSchema = z.object({ epoch: z.int(), value: z.number() });

/** `manifest.json` of a checkpoint folder. Format 2 is written; format 1, which lacks `training`, can still be read. */
export const checkpointManifestSchema = z.object({
  format: z.literal([1, 2]),
  jobId: z.string(),
  attempt: z.int(),
  cursor: trainingPositionSchema,
  metrics: z
    .object({
      trainLoss: z.number(),
      trainAccuracy: z.number(),
      validationLoss: z.number(),
      validationAccuracy: z.number(),
    })
    .nullable(),
  /** The best epoch so far by the checkpoint's metric, and its value; null: no epoch yet. */
  best: bestValueSchema
    .extend({
      /** Of that epoch; decides between epochs of the same accuracy. Absent in checkpoints of earlier versions. */
      validationLoss: z.number().optional(),
    })
    .nullable(),
  /** The rest of what a resumed run continues with; format 1 has it in state.safetensors. */
  training: z
    .object({
      /** The last epoch that improved enough for early stopping; null: none, or the spec has no early stopping. */
      improved: bestValueSchema.nullable(),
      /** Seconds of training in the epoch that was interrupted, in all attempts. */
      trainSeconds: z.number(),
    })
    .optional(),
  spec: completeJobSpecSchema,
  /**
   * The layers that were trained, where the spec names a preset: those of a preset may be others in a later version.
   * Absent in checkpoints of earlier versions.
   */
  layers: layerListSchema.optional(),
  dataset: z.object({ name: z.string(), version: z.int(), digest: z.string(), classes: z.array(z.string()) }),
  inputShape: z.tuple([z.int(), z.int(), z.int()]),
  /** Per channel: the model expects (pixel / 255 - mean) / std. */
  normalization: channelMomentsSchema,
  codeVersion: z.string(),
  createdAt: z.iso.datetime(),
  files: z.array(checkpointFileSchema),
});
export type CheckpointManifest = z.infer<typeof checkpointManifestSchema>;

/** A checkpoint as the API lists it. */
export const checkpointSchema = z.object({
  epoch: z.int(),
  step: z.int(),
  attempt: z.int(),
  best: z.boolean(),
  last: z.boolean(),
  bytes: z.int(),
  /** Digest of `weights.bin`: equal weights have equal digests. */
  weightsSha256: z.string(),
  validationLoss: z.number().nullable(),
  validationAccuracy: z.number().nullable(),
  createdAt: z.iso.datetime(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

export const checkpointFormatSchema = z.enum(['tfjs', 'safetensors', 'onnx', 'torch', 'card']);
export type CheckpointFormat = z.infer<typeof checkpointFormatSchema>;

/** Type of the values of a model's input: normalised values, or pixels that the model itself normalises. */
export const inputTypeSchema = z.enum(['float32', 'uint8']);
export type InputType = z.infer<typeof inputTypeSchema>;

/**
 * Names and shapes of weights. tensorflow: kernels [height, width, in, out]; torch: [out, in, height, width], as the
 * state dict of the network in `modeling.py` of the format torch.
 */
export const weightLayoutSchema = z.enum(['tensorflow', 'torch']);
export type WeightLayout = z.infer<typeof weightLayoutSchema>;

/** Which file of a checkpoint: its format, and what can be chosen within the format. */
export const exportChoiceSchema = z
  .object({
    format: checkpointFormatSchema.default('tfjs'),
    input: inputTypeSchema
      .optional()
      .describe('Only with onnx: uint8 for a model that takes pixels and normalises them'),
    layout: weightLayoutSchema.optional().describe('Only with safetensors: tensorflow (default), or torch'),
  })
  .refine(({ format, input }) => input === undefined || format === 'onnx', {
    path: ['input'],
    message: 'is a choice of the format onnx; leave it out, or use format=onnx',
  })
  .refine(({ format, layout }) => layout === undefined || format === 'safetensors', {
    path: ['layout'],
    message: 'is a choice of the format safetensors; leave it out, or use format=safetensors',
  });
export type ExportChoice = z.infer<typeof exportChoiceSchema>;
