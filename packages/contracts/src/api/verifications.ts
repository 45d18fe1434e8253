import { z } from 'zod';
import { checkpointFormatSchema, checkpointManifestSchema, inputTypeSchema } from '../checkpoint.js';

/** Test images of a verification that names no number. */
export const defaultVerifiedImages = 500;

export const verifyBodySchema = z.strictObject({
  /** How many images of the test split each file is compared on, spread evenly over it; all: the whole split. */
  images: z.union([z.literal('all'), z.int().min(1).max(1_000_000)]).default(defaultVerifiedImages),
});
export type VerifyBody = z.input<typeof verifyBodySchema>;

/**
 * running: also while it waits for others; verified: the reader classifies as many images correctly as the stored test;
 * different: it does not; failed: the file could not be read, or there was no time for it.
 */
export const verificationStateSchema = z.enum(['running', 'verified', 'different', 'failed']);
export type VerificationState = z.infer<typeof verificationStateSchema>;

/** What a program that is not Trainyard's made of the exact bytes of one download. */
export const verificationSchema = z.object({
  format: checkpointFormatSchema,
  /** Of an ONNX model; null in other formats. */
  input: inputTypeSchema.nullable(),
  state: verificationStateSchema,
  /** Of the file that was read, lower-case hexadecimal. */
  sha256: z.string(),
  /** e.g. `ONNX Runtime`. */
  reader: z.string(),
  readerVersion: z.string(),
  /** Test images that were classified, and those of the whole split. */
  images: z.int(),
  testImages: z.int(),
  /** How many of `images` the reader classified correctly; null: not known. */
  correct: z.int().nullable(),
  /** How many of `images` the stored test has as correct. */
  expected: z.int(),
  /** By how many images `correct` may differ, as sums have other orders. */
  tolerance: z.int(),
  /** Why it failed. */
  message: z.string().nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
});
export type Verification = z.infer<typeof verificationSchema>;

export const checkpointAnswerSchema = checkpointManifestSchema.extend({
  /** Whether every file that a reader of the service knows (ONNX with both inputs, TensorFlow.js) was verified. */
  verified: z.boolean(),
  verifications: z.array(verificationSchema),
});
export type CheckpointAnswer = z.infer<typeof checkpointAnswerSchema>;
