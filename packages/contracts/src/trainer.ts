import { z } from 'zod';
import { checkpointManifestSchema, trainingPositionSchema } from './checkpoint.js';
import { datasetSchema } from './dataset.js';
import { failureSchema } from './failures.js';
import { executorInfoSchema, loadedWeightsSchema, progressSchema, stopReasonSchema } from './job.js';
import { epochMetricsSchema } from './metrics.js';
import { trainerTestSchema } from './predictions.js';
import { completeJobSpecSchema } from './spec/spec.js';

/** Messages between a worker and its trainer child, over the child's IPC channel. */

/** The executor that a worker is configured for; `auto`: the fastest that works on its machine. */
export const executorChoiceSchema = z.enum(['auto', 'native', 'tfjs']);
export type ExecutorChoice = z.infer<typeof executorChoiceSchema>;

/** After `secondsLeft` from the start of the attempt on, training ends with the epoch, because of `reason`. */
export const trainingLimitSchema = z.object({ secondsLeft: z.number(), reason: z.enum(['seconds', 'cost']) });
export type TrainingLimit = z.infer<typeof trainingLimitSchema>;

/** A checkpoint of another job, and the digest that its `weights.bin` had when the test was submitted. */
export const testedCheckpointSchema = z.object({ jobId: z.string(), folder: z.string(), weightsSha256: z.string() });
export type TestedCheckpoint = z.infer<typeof testedCheckpointSchema>;

/** The weights that a training starts from, and the folder of the job's copy of them. */
export const storedWeightsSchema = loadedWeightsSchema.extend({ folder: z.string() });
export type StoredWeights = z.infer<typeof storedWeightsSchema>;

/** From worker to trainer. `start` is the first message and is sent once. */
export const trainerCommandSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    jobId: z.string(),
    attempt: z.int(),
    spec: completeJobSpecSchema,
    dataset: datasetSchema,
    /** Path of the packed dataset file. */
    datasetFile: z.string(),
    /** Folder of the checkpoint to resume from; null: start from the beginning. */
    resumeFrom: z.string().nullable(),
    /** Folder of the best checkpoint so far if it is not `resumeFrom`; null: none. */
    bestSoFar: z.string().nullable(),
    /** Nothing is trained: this checkpoint is tested. Null: a training. */
    tests: testedCheckpointSchema.nullable().default(null),
    /** What the weights start from where nothing is resumed; null: from the seed. */
    initialWeights: storedWeightsSchema.nullable().default(null),
    /** When training ends with the epoch; null: it has no limit. */
    limit: trainingLimitSchema.nullable().default(null),
    /** A new empty folder on the artifact store's file system; the trainer writes checkpoints below it. */
    stagingFolder: z.string(),
    executor: executorChoiceSchema,
    device: z.string(),
  }),
  /** End without a checkpoint. */
  z.object({ type: z.literal('cancel') }),
  /** Finish the step, write a checkpoint, send `suspended`, end. */
  z.object({ type: z.literal('suspend') }),
  /** The worker has handled one more message. */
  z.object({ type: z.literal('handled') }),
]);
export type TrainerCommand = z.infer<typeof trainerCommandSchema>;
export type StartCommand = Extract<TrainerCommand, { type: 'start' }>;

/** A checkpoint folder below the staging folder that the trainer has finished writing. */
export const stagedCheckpointSchema = z.object({ folder: z.string(), manifest: checkpointManifestSchema });
export type StagedCheckpoint = z.infer<typeof stagedCheckpointSchema>;

/**
 * Number of messages, each with its checkpoint, that wait in the worker while the database is unreachable. At `max` the
 * trainer waits too. From `withProgress` on it drops progress messages, which are worthless when late.
 */
export const unhandledMessages = { max: 16, withProgress: 4 } as const;

/** From trainer to worker. The last message is `tested`, `suspended`, `cancelled` or `failed`. */
export const trainerMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('started'),
    executor: executorInfoSchema,
    parameters: z.int(),
    stepsPerEpoch: z.int(),
    resumedFrom: trainingPositionSchema.nullable(),
  }),
  /** Sent after the first training step of the attempt, then about once a second. */
  z.object({ type: z.literal('progress'), progress: progressSchema }),
  z.object({ type: z.literal('warning'), code: z.string(), message: z.string() }),
  /** An epoch and its checkpoint are in one message, so that the worker stores both or neither. */
  z.object({ type: z.literal('epoch'), metrics: epochMetricsSchema, checkpoint: stagedCheckpointSchema.nullable() }),
  /**
   * A checkpoint within an epoch; or the checkpoint of a best epoch whose `epoch` message had none, because it could
   * not be written then. It is newer than every checkpoint that was sent before.
   */
  z.object({ type: z.literal('checkpoint'), checkpoint: stagedCheckpointSchema }),
  /** Training is over (all epochs, or early stopping) and the best weights were tested. */
  z.object({
    type: z.literal('tested'),
    results: trainerTestSchema,
    stopped: stopReasonSchema.nullable().default(null),
  }),
  /**
   * checkpoint null: no step was trained since the last checkpoint that was sent, or that the attempt resumed from; or
   * none could be written, which a warning has reported.
   */
  z.object({ type: z.literal('suspended'), checkpoint: stagedCheckpointSchema.nullable() }),
  z.object({ type: z.literal('cancelled') }),
  /** results: the test of the best weights of a run that diverged in a later epoch; null: none could be tested. */
  z.object({ type: z.literal('failed'), failure: failureSchema, results: trainerTestSchema.nullable() }),
]);
export type TrainerMessage = z.infer<typeof trainerMessageSchema>;
