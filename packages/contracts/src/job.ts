import { z } from 'zod';
import { failureSchema } from './failures.js';
import { jobIdSchema } from './ids.js';
import { completeJobSpecSchema, precisionSchema } from './spec.js';

/** The states of a job; the arrows between them stand in docs/architecture.md and in `db`, which moves them. */
export const jobStateSchema = z.enum([
  'queued',
  'running',
  'pausing',
  'paused',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
]);
export type JobState = z.infer<typeof jobStateSchema>;

export const terminalStates: readonly JobState[] = ['succeeded', 'failed', 'cancelled'];
export const isTerminal = (state: JobState): boolean => terminalStates.includes(state);

export const progressSchema = z.object({
  /** The epoch being trained, from 1. */
  epoch: z.int(),
  epochs: z.int(),
  /** Steps done in this epoch. */
  step: z.int(),
  stepsPerEpoch: z.int(),
  /** Share of all steps done, 0 to 1. */
  fraction: z.number(),
  imagesPerSecond: z.number(),
  /** Seconds left, validation included, by the pace so far. */
  etaSeconds: z.number().nullable(),
});
export type Progress = z.infer<typeof progressSchema>;

export const attemptOutcomeSchema = z.enum(['succeeded', 'failed', 'cancelled', 'paused', 'handedBack', 'lost']);
export type AttemptOutcome = z.infer<typeof attemptOutcomeSchema>;

/** What a trainer tells about itself when it starts. */
export const executorInfoSchema = z.object({
  /** `native` or `tfjs`. */
  name: z.string(),
  /** e.g. `cpu` or `cuda:0`. */
  device: z.string(),
  threads: z.int().nullable(),
  /** Versions of what computes, e.g. `oneDNN 2.6.3`. */
  version: z.string(),
  /** What convolutions and matrix products compute in; absent: fp32. */
  precision: precisionSchema.optional(),
});
export type ExecutorInfo = z.infer<typeof executorInfoSchema>;

export const attemptSchema = z.object({
  number: z.int(),
  workerId: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  outcome: attemptOutcomeSchema.nullable(),
  failure: failureSchema.nullable(),
  executor: executorInfoSchema.nullable(),
  /** The epoch whose checkpoint this attempt went on from; 0: from the beginning. */
  resumedFromEpoch: z.int(),
});
export type Attempt = z.infer<typeof attemptSchema>;

export const jobSchema = z.object({
  id: jobIdSchema,
  state: jobStateSchema,
  terminal: z.boolean(),
  name: z.string().nullable(),
  experiment: z.string(),
  tags: z.array(z.string()),
  notes: z.string(),
  priority: z.int(),
  /** Preset name, or `custom`. */
  architecture: z.string(),
  /** Trainable and fixed weights. */
  parameters: z.int(),
  spec: completeJobSpecSchema,
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /** Seconds of wall-clock time in attempts, finished or running. */
  trainingSeconds: z.number(),
  attempt: z.int(),
  maxAttempts: z.int(),
  executor: executorInfoSchema.nullable(),
  progress: progressSchema.nullable(),
  /** Jobs that will start before this one; null unless queued. */
  queuePosition: z.int().nullable(),
  best: z.object({ epoch: z.int(), validationLoss: z.number(), validationAccuracy: z.number() }).nullable(),
  test: z.object({ loss: z.number(), accuracy: z.number(), correct: z.int(), total: z.int() }).nullable(),
  failure: failureSchema.nullable(),
});
export type Job = z.infer<typeof jobSchema>;

export const jobEventTypeSchema = z.enum([
  'submitted',
  'queued',
  'started',
  'epoch',
  'checkpoint',
  'tested',
  'warning',
  'handedBack',
  'attemptFailed',
  'pausing',
  'paused',
  'resumed',
  'cancelling',
  'cancelled',
  'retried',
  'succeeded',
  'failed',
]);
export type JobEventType = z.infer<typeof jobEventTypeSchema>;

/** One thing that happened to a job; `sequence` counts from 1 without gaps within the job and is the stream's cursor. */
export const jobEventSchema = z.object({
  sequence: z.int(),
  type: jobEventTypeSchema,
  at: z.iso.datetime(),
  attempt: z.int(),
  data: z.record(z.string(), z.unknown()),
});
export type JobEvent = z.infer<typeof jobEventSchema>;
