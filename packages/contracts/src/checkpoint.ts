import { z } from 'zod';
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

/** `manifest.json` of a checkpoint folder. */
export const checkpointManifestSchema = z.object({
  format: z.literal(1),
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
  /** The best epoch so far and its metric, from which early stopping and `best` continue; null: no epoch yet. */
  best: z.object({ epoch: z.int(), value: z.number() }).nullable(),
  spec: completeJobSpecSchema,
  dataset: z.object({ name: z.string(), version: z.int(), digest: z.string(), classes: z.array(z.string()) }),
  inputShape: z.tuple([z.int(), z.int(), z.int()]),
  /** Per channel: the model expects (pixel / 255 - mean) / std. */
  normalization: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
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

export const checkpointFormatSchema = z.enum(['tfjs', 'safetensors']);
export type CheckpointFormat = z.infer<typeof checkpointFormatSchema>;
