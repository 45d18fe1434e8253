import { z } from 'zod';
import { jobIdSchema } from '../ids.js';
import { attemptOutcomeSchema, jobEventSchema, stopReasonSchema } from '../job.js';
import { maxTags, tagSchema } from '../spec/spec.js';
import { textSchema } from '../text.js';
import { verificationStateSchema } from './verifications.js';

/*
 * A record is everything that the service has stored of a job that has ended: the rows as they are, not as the answers
 * of other calls sum them up. One installation answers with it, and another takes it. Columns of JSON (the spec, the
 * manifest of a checkpoint) are objects here, and are checked by their own schemas when a record is taken.
 */

export const recordVersion = 1;

/** Bytes of a record that is taken. */
export const maxRecordBytes = 64 * 2 ** 20;
/** Bytes of a file of a checkpoint that is taken. */
export const maxCheckpointFileBytes = 8 * 2 ** 30;

const at = z.iso.datetime();
const int = z.int();
const number = z.number();
export const recordDigestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hexadecimal');
const text = textSchema;
const object = z.record(z.string(), z.unknown());
const digest = recordDigestSchema;
/** uint16 an image, little-endian, as Base64. */
const array = z.base64();

export const recordedJobSchema = z.strictObject({
  id: jobIdSchema,
  state: z.enum(['succeeded', 'failed', 'cancelled']),
  name: text.max(200).nullable(),
  experiment: text.min(1).max(200),
  tags: z.array(tagSchema).max(maxTags),
  notes: text.max(10_000),
  priority: int.min(-100).max(100),
  architecture: text.max(200),
  parameters: int.min(0),
  dataset: text.max(200),
  datasetVersion: int.min(1).nullable(),
  datasetDigest: text.max(200).nullable(),
  spec: object,
  attempt: int.min(1),
  maxAttempts: int.min(1),
  failures: int.min(0),
  eventCount: int.min(1),
  progress: object.nullable(),
  bestEpoch: int.min(1).nullable(),
  bestValidationLoss: number.nullable(),
  bestValidationAccuracy: number.nullable(),
  bestTrainLoss: number.nullable(),
  bestTrainAccuracy: number.nullable(),
  failureCode: text.nullable(),
  failureMessage: text.nullable(),
  replayOf: jobIdSchema.nullable(),
  source: object.nullable(),
  initialWeights: object.nullable(),
  forecast: object.nullable(),
  stopped: stopReasonSchema.nullable(),
  createdAt: at,
  startedAt: at.nullable(),
  finishedAt: at,
  updatedAt: at,
});

export const recordedAttemptSchema = z.strictObject({
  number: int.min(1),
  workerId: text.max(200),
  startedAt: at,
  finishedAt: at,
  outcome: attemptOutcomeSchema,
  failureCode: text.nullable(),
  failureMessage: text.nullable(),
  executor: object.nullable(),
  resumedFromEpoch: int.min(0),
  costPerHour: number.min(0).nullable(),
});

export const recordedEventSchema = z.strictObject(jobEventSchema.shape);

export const recordedEpochSchema = z.strictObject({
  epoch: int.min(1),
  attempt: int.min(1),
  trainLoss: number,
  trainAccuracy: number,
  validationLoss: number,
  validationAccuracy: number,
  learningRate: number,
  trainSeconds: number,
  validationSeconds: number,
  imagesPerSecond: number,
  stepMilliseconds: number.nullable(),
  executor: text.nullable(),
  device: text.nullable(),
  best: z.boolean(),
});

/** A folder of files of a job: of a checkpoint (attempt, epoch, step), or of the weights that it started from. */
export const recordFolderSchema = z
  .string()
  .regex(/^(\d{1,9}-\d{1,9}-\d{1,9}|initial)$/, 'must be a folder like 1-12-0 (attempt, epoch, step), or initial');
export const recordFileNameSchema = z.enum([
  'manifest.json',
  'model.json',
  'weights.bin',
  'state.safetensors',
  'upload.safetensors',
]);
export type RecordFileName = z.infer<typeof recordFileNameSchema>;

export const recordedCheckpointSchema = z.strictObject({
  /** Its files are those of this folder. */
  folder: z.string().regex(/^\d{1,9}-\d{1,9}-\d{1,9}$/, 'must be <attempt>-<epoch>-<step>, like 1-12-0'),
  epoch: int.min(0),
  step: int.min(0),
  globalStep: int.min(0),
  attempt: int.min(1),
  best: z.boolean(),
  last: z.boolean(),
  bytes: int.min(0),
  weightsSha256: digest,
  validationLoss: number.nullable(),
  validationAccuracy: number.nullable(),
  manifest: object,
  createdAt: at,
});

export const recordedTestSchema = z.strictObject({
  epoch: int.min(0),
  loss: number,
  accuracy: number,
  accuracyAugmented: number.nullable(),
  correct: int.min(0),
  total: int.min(0),
  top5Accuracy: number.nullable(),
  macroF1: number.nullable(),
  seconds: number.min(0),
  partial: z.boolean(),
  lastEpoch: int.nullable(),
  lastLoss: number.nullable(),
  lastAccuracy: number.nullable(),
  lastAccuracyAugmented: number.nullable(),
  lastCorrect: int.nullable(),
  validationLoss: number,
  validationAccuracy: number,
  experiment: text.max(200),
  architecture: text.max(200),
  dataset: text.max(200),
  datasetVersion: int.min(1),
  trainingSeconds: number.min(0),
  finishedAt: at,
});

export const recordedClassSchema = z.strictObject({
  classIndex: int.min(0),
  name: text,
  correct: int.min(0),
  total: int.min(0),
  accuracy: number.nullable(),
  precision: number.nullable(),
  recall: number.nullable(),
  f1: number.nullable(),
});

/** Images of class `actual` that were taken for `predicted`; pairs without images are left out. */
export const recordedConfusionSchema = z.strictObject({
  actual: int.min(0),
  predicted: int.min(0),
  count: int.min(1),
});

/** Arrays with a uint16 an image of the test split, little-endian; classes count from 0, probabilities to 65,535. */
export const recordedPredictionsSchema = z.strictObject({
  datasetDigest: text.max(200),
  /** The true classes. */
  labels: array,
  predicted: array,
  confidences: array,
  labelProbabilities: array,
});

export const recordedVerificationSchema = z.strictObject({
  epoch: int,
  format: text,
  /** Of an ONNX model; empty in other formats. */
  input: text,
  state: verificationStateSchema.exclude(['running']),
  sha256: digest,
  reader: text,
  readerVersion: text,
  images: int,
  testImages: int,
  correct: int.nullable(),
  expected: int,
  tolerance: int,
  message: text.nullable(),
  startedAt: at,
  finishedAt: at.nullable(),
});

export const recordedFileSchema = z.strictObject({
  folder: recordFolderSchema,
  name: recordFileNameSchema,
  bytes: int.min(0),
  /** Lower-case hexadecimal. */
  sha256: digest,
});
export type RecordedFile = z.infer<typeof recordedFileSchema>;

/** What the database has of a job. */
export const recordedRowsSchema = z.strictObject({
  version: z.literal(recordVersion),
  job: recordedJobSchema,
  attempts: z.array(recordedAttemptSchema),
  events: z.array(recordedEventSchema),
  epochs: z.array(recordedEpochSchema),
  checkpoints: z.array(recordedCheckpointSchema),
  /** Null: the job was not tested. */
  test: recordedTestSchema.nullable(),
  classes: z.array(recordedClassSchema),
  confusion: z.array(recordedConfusionSchema),
  /** Null: none were kept. */
  predictions: recordedPredictionsSchema.nullable(),
  verifications: z.array(recordedVerificationSchema),
});
export type RecordedRows = z.infer<typeof recordedRowsSchema>;

export const jobRecordSchema = recordedRowsSchema.extend({
  /** Those of its checkpoints, and of the weights that it started from; a checkpoint whose files are lost has none. */
  files: z.array(recordedFileSchema),
});
export type JobRecord = z.infer<typeof jobRecordSchema>;
