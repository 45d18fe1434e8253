import { z } from 'zod';
import { jobIdSchema } from '../ids.js';

export const replayBodySchema = z.strictObject({
  /** JSON merge patch (RFC 7396) of the stored spec; empty: the same spec. */
  changes: z.record(z.string(), z.unknown()).default({}),
});
export type ReplayRequest = z.input<typeof replayBodySchema>;

/**
 * Epochs are close where their learning rates are equal, their losses differ by at most this share of the larger one,
 * and their accuracies by at most this much: what other machines and thread counts round differently.
 */
export const replayTolerance = { loss: 1e-3, accuracy: 5e-3 } as const;

/**
 * pending: no epoch has diverged, and one of the jobs goes on. bitwiseEqual: all figures of all epochs and the digest
 * of the best weights are equal. withinTolerance: they are close. diverged: from the epoch `epoch` on, which is not
 * close or which only one of the jobs has. incomplete: one of them failed or was cancelled before they diverged, or the
 * original was deleted.
 */
export const replayVerdictSchema = z.enum(['pending', 'bitwiseEqual', 'withinTolerance', 'diverged', 'incomplete']);
export type ReplayVerdict = z.infer<typeof replayVerdictSchema>;

export const replayReportSchema = z.object({
  jobId: jobIdSchema,
  replayOf: jobIdSchema,
  verdict: replayVerdictSchema,
  /** The verdict as a sentence. */
  message: z.string(),
  /** The epoch at which they diverged; otherwise null. */
  epoch: z.int().nullable(),
  /** Epochs that both have. */
  epochsCompared: z.int(),
  /** The first epoch with any figure that is not equal to the bit; null: none. */
  firstDifference: z.int().nullable(),
  /** Whether the digests of the best weights are equal; null before both are stored, or where one was removed. */
  weightsEqual: z.boolean().nullable(),
  /** Fields of the spec whose values differ. */
  changed: z.array(z.string()),
});
export type ReplayReport = z.infer<typeof replayReportSchema>;
