import { z } from 'zod';
import { checkpointManifestSchema, cursorSchema } from './checkpoint.js';
import { datasetSchema } from './dataset.js';
import { failureSchema } from './failures.js';
import { executorInfoSchema, progressSchema } from './job.js';
import { epochMetricsSchema, testResultsSchema } from './metrics.js';
import { completeJobSpecSchema } from './spec.js';

/** The executor that a worker is configured for; `auto`: the fastest that works on its machine. */
export const executorChoiceSchema = z.enum(['auto', 'native', 'tfjs']);
export type ExecutorChoice = z.infer<typeof executorChoiceSchema>;

/** Messages between a worker and its trainer child, over the child's IPC channel. */

/** Worker to trainer. `start` comes first and once. */
export const trainerCommandSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    jobId: z.string(),
    attempt: z.int(),
    spec: completeJobSpecSchema,
    dataset: datasetSchema,
    /** Path of the packed dataset file. */
    datasetFile: z.string(),
    /** Folder of the checkpoint to go on from; null: from the beginning. */
    resumeFrom: z.string().nullable(),
    /** Folder of the best checkpoint so far where it is not `resumeFrom`; null: none. */
    bestSoFar: z.string().nullable(),
    /** A new empty folder on the artifact store's file system; checkpoints are written below it. */
    stagingFolder: z.string(),
    executor: executorChoiceSchema,
    device: z.string(),
  }),
  /** End without a checkpoint. */
  z.object({ type: z.literal('cancel') }),
  /** Finish the step, write a checkpoint, say `suspended`, end. */
  z.object({ type: z.literal('suspend') }),
  /** The worker is done with one more message. */
  z.object({ type: z.literal('handled') }),
]);
export type TrainerCommand = z.infer<typeof trainerCommandSchema>;
export type StartCommand = Extract<TrainerCommand, { type: 'start' }>;

/** A checkpoint folder that the trainer has finished writing, below the staging folder. */
export const stagedCheckpointSchema = z.object({ folder: z.string(), manifest: checkpointManifestSchema });
export type StagedCheckpoint = z.infer<typeof stagedCheckpointSchema>;

/**
 * Messages that a worker holds at most, each with its checkpoint, while the database is away; then the trainer waits. With so
 * many fewer it stops telling progress, which nobody will want to know later.
 */
export const heldMessages = { most: 16, withProgress: 4 } as const;

/** Trainer to worker. The last message is `tested`, `suspended`, `cancelled` or `failed`. */
export const trainerMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    executor: executorInfoSchema,
    parameters: z.int(),
    stepsPerEpoch: z.int(),
    resumedFrom: cursorSchema.nullable(),
  }),
  /** After the first training step of the attempt, and then about once a second. */
  z.object({ type: z.literal('progress'), progress: progressSchema }),
  z.object({ type: z.literal('warning'), code: z.string(), message: z.string() }),
  /** An epoch and its checkpoint come in one message, so that the worker stores both or neither. */
  z.object({ type: z.literal('epoch'), metrics: epochMetricsSchema, checkpoint: stagedCheckpointSchema.nullable() }),
  /**
   * A checkpoint within an epoch; or the one of a best epoch that was told without, as it could not be written then. It is
   * newer than every checkpoint that was told before.
   */
  z.object({ type: z.literal('checkpoint'), checkpoint: stagedCheckpointSchema }),
  /** Training is over (all epochs, or early stopping) and the best weights were tested. */
  z.object({ type: z.literal('tested'), results: testResultsSchema }),
  /**
   * checkpoint null: nothing was trained since the last checkpoint that was sent, or that the attempt went on from; or none
   * could be written, as a warning has told.
   */
  z.object({ type: z.literal('suspended'), checkpoint: stagedCheckpointSchema.nullable() }),
  z.object({ type: z.literal('cancelled') }),
  z.object({ type: z.literal('failed'), failure: failureSchema }),
]);
export type TrainerMessage = z.infer<typeof trainerMessageSchema>;
