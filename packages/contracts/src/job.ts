import { z } from 'zod';
import { failureSchema } from './failures.js';
import { forecastSchema } from './forecast.js';
import { jobIdSchema, uploadIdSchema } from './ids.js';
import { completeJobSpecSchema, precisionSchema } from './spec/spec.js';

/** The states of a job. docs/architecture.md draws the transitions between them; `db` implements them. */
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
  /** The current epoch, from 1. */
  epoch: z.int(),
  epochs: z.int(),
  /** Steps done in this epoch. */
  step: z.int(),
  stepsPerEpoch: z.int(),
  /** Share of all steps that are done, 0 to 1. */
  fraction: z.number(),
  imagesPerSecond: z.number(),
  /** Seconds left, validation included, estimated from the pace so far; null: not known yet. */
  etaSeconds: z.number().nullable(),
});
export type Progress = z.infer<typeof progressSchema>;

export const attemptOutcomeSchema = z.enum(['succeeded', 'failed', 'cancelled', 'paused', 'handedBack', 'lost']);
export type AttemptOutcome = z.infer<typeof attemptOutcomeSchema>;

/** The executor of an attempt, as the trainer reports it at its start. */
export const executorInfoSchema = z.object({
  /** `native` or `tfjs`. */
  name: z.string(),
  /** e.g. `cpu` or `cuda:0`. */
  device: z.string(),
  threads: z.int().nullable(),
  /** Of the library that computes, e.g. `oneDNN 2.6.3`. */
  version: z.string(),
  /** Number format of convolutions and matrix products; absent: fp32. */
  precision: precisionSchema.optional(),
});
export type ExecutorInfo = z.infer<typeof executorInfoSchema>;

/** An entry of the queue: the job's attempt of this number is to run. Higher priorities are delivered first. */
export const deliverySchema = z.object({ jobId: jobIdSchema, attempt: z.int(), priority: z.int() });
export type Delivery = z.infer<typeof deliverySchema>;

/** Which attempt of which job. */
export type AttemptKey = Pick<Delivery, 'jobId' | 'attempt'>;

/** The newest heartbeat of a running attempt. `at` is only compared with itself, so that clocks need not agree. */
export const heartbeatSchema = z.object({ token: z.string(), at: z.date() });
export type Heartbeat = z.infer<typeof heartbeatSchema>;

export const attemptSchema = z.object({
  number: z.int(),
  workerId: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullable(),
  outcome: attemptOutcomeSchema.nullable(),
  failure: failureSchema.nullable(),
  executor: executorInfoSchema.nullable(),
  /** The epoch whose checkpoint this attempt resumed from; 0: it started from the beginning. */
  resumedFromEpoch: z.int(),
});
export type Attempt = z.infer<typeof attemptSchema>;

/** A job at this position of the queue has so many jobs before it, or more: to count them all would take too long. */
export const maxQueuePosition = 1000;

/** Why the training of a job ended before its last epoch. */
export const stopReasonSchema = z.enum(['earlyStopping', 'seconds', 'cost']);
export type StopReason = z.infer<typeof stopReasonSchema>;

/** training: of its spec, with a test at the end; test: only of a checkpoint that another job has trained. */
export const jobKindSchema = z.enum(['training', 'test']);
export type JobKind = z.infer<typeof jobKindSchema>;

/** The checkpoint that a job tests, as of the submission. */
export const jobSourceSchema = z.object({
  /** The job that trained it; it may be deleted once it is tested. */
  jobId: jobIdSchema,
  epoch: z.int(),
  /** Digest of its `weights.bin`. */
  weightsSha256: z.string(),
  /** Of that epoch, on the validation images of the training. */
  validationLoss: z.number(),
  validationAccuracy: z.number(),
});
export type JobSource = z.infer<typeof jobSourceSchema>;

/** The weights that a training started from, as of its submission: the job keeps a copy of them. */
export const loadedWeightsSchema = z.object({
  /** The job that trained them, which may be deleted since, and the epoch; null: they were uploaded. */
  jobId: jobIdSchema.nullable(),
  epoch: z.int().nullable(),
  /** The upload, which may be removed since, and the name of its file; null: a job trained them. */
  upload: uploadIdSchema.nullable().default(null),
  file: z.string().nullable().default(null),
  /** Digest of the checkpoint's `weights.bin` or of the uploaded file, which is checked before each start from it. */
  weightsSha256: z.string(),
  /** Names of the weights that start from the seed all the same, e.g. `dense_2/kernel`. */
  fromSeed: z.array(z.string()),
});
export type LoadedWeights = z.infer<typeof loadedWeightsSchema>;

/** Where an imported job comes from, as its importer said, and when it was imported. */
export const importedSchema = z.object({ from: z.string(), at: z.iso.datetime() });
export type Imported = z.infer<typeof importedSchema>;

export const jobSchema = z.object({
  id: jobIdSchema,
  kind: jobKindSchema.default('training'),
  state: jobStateSchema,
  terminal: z.boolean(),
  name: z.string().nullable(),
  experiment: z.string(),
  tags: z.array(z.string()),
  notes: z.string(),
  priority: z.int(),
  /** Preset name, or `custom`. */
  architecture: z.string(),
  /** Number of trainable weights. */
  parameters: z.int(),
  /** Name of the dataset. */
  dataset: z.string(),
  /** Chosen when the job is submitted: later imports do not change what it trains on. Null in jobs of old versions. */
  datasetVersion: z.int().nullable(),
  datasetDigest: z.string().nullable(),
  /** Of a test: that of the training, with the dataset and `testAugmentation` of the test. */
  spec: completeJobSpecSchema,
  /** Of a test; null: the job is a training. */
  source: jobSourceSchema.nullable().default(null),
  /** Null: its weights started from the seed, or it is a test. */
  initialWeights: loadedWeightsSchema.nullable().default(null),
  /** The job whose spec this one trains again; null: it is no replay. */
  replayOf: jobIdSchema.nullable().default(null),
  /** Of a job that another installation has run; null: this one has. Forecasts do not count imported jobs. */
  imported: importedSchema.nullable().default(null),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /** Seconds of wall-clock time in attempts, finished or running. */
  trainingSeconds: z.number(),
  /** Of these seconds, by the rates of the workers (TRAINYARD_COST_PER_HOUR); null: no worker had a rate. */
  cost: z.number().nullable().default(null),
  /** Why a job that has succeeded trained fewer epochs than its spec has; null: it did not. */
  stopped: stopReasonSchema.nullable().default(null),
  attempt: z.int(),
  maxAttempts: z.int(),
  executor: executorInfoSchema.nullable(),
  /** Of the training; null before its first step, and in tests. */
  progress: progressSchema.nullable(),
  /** Number of jobs that will start before this one, at most `maxQueuePosition`; null unless the job is queued. */
  queuePosition: z.int().nullable(),
  /** As of the submission; null in jobs that are older than forecasts. */
  forecast: forecastSchema.nullable().default(null),
  best: z.object({ epoch: z.int(), validationLoss: z.number(), validationAccuracy: z.number() }).nullable(),
  /** Of the best weights, or of the tested checkpoint. partial: the training failed in a later epoch. */
  test: z
    .object({
      loss: z.number(),
      accuracy: z.number(),
      accuracyAugmented: z.number().nullable(),
      correct: z.int(),
      total: z.int(),
      partial: z.boolean(),
    })
    .nullable(),
  failure: failureSchema.nullable(),
});
export type Job = z.infer<typeof jobSchema>;

/** The answer to a submission. */
export const submittedJobSchema = jobSchema.extend({
  /** What was chosen for the user, one line each: the recipe, the validation images, changes of a preset. */
  chosen: z.array(z.string()).default([]),
  /** What will probably go wrong, one sentence each. A plan (`dryRun`) also warns of the split. */
  warnings: z.array(z.string()).default([]),
});
export type SubmittedJob = z.infer<typeof submittedJobSchema>;

export const jobEventTypeSchema = z.enum([
  'submitted',
  'queued',
  'started',
  'epoch',
  'checkpoint',
  'tested',
  'warning',
  /** Its validation loss has risen for `overfittingEpochs` epochs while its training loss has fallen. */
  'overfitting',
  /** A line that the trainer wrote to its standard error. */
  'output',
  'handedBack',
  'attemptFailed',
  'pausing',
  'paused',
  'resumed',
  'cancelling',
  'cancelled',
  'retried',
  /** Of its name, tags, notes or priority. */
  'changed',
  'succeeded',
  'failed',
]);
export type JobEventType = z.infer<typeof jobEventTypeSchema>;

/** After so many epochs in a row in which its losses move apart, a job has the event `overfitting`, once. */
export const overfittingEpochs = 3;

/** An event of a job; `sequence` counts from 1 without gaps within the job, and clients resume the stream from it. */
export const jobEventSchema = z.object({
  sequence: z.int(),
  type: jobEventTypeSchema,
  at: z.iso.datetime(),
  attempt: z.int(),
  data: z.record(z.string(), z.unknown()),
});
export type JobEvent = z.infer<typeof jobEventSchema>;

/** A job keeps this many lines of output of its trainers, each cut at `maxOutputLength` characters. */
export const maxOutputLines = 1000;
export const maxOutputLength = 1000;

/** An event of a job as a line of its log, under the event's number. */
export const logLineSchema = z.object({
  sequence: z.int(),
  at: z.iso.datetime(),
  attempt: z.int(),
  type: jobEventTypeSchema,
  level: z.enum(['info', 'warning', 'error']),
  /** One line, or several: the failure of a trainer that crashed has its last output. */
  message: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;
