import {
  completeJobSpecSchema,
  executorInfoSchema,
  type Failure,
  forecastSchema,
  importedSchema,
  isTerminal,
  type Job,
  type JobKind,
  type JobSource,
  jobSourceSchema,
  jobStateSchema,
  loadedWeightsSchema,
  progressSchema,
  stopReasonSchema,
  storedFailureCodeSchema,
} from '@trainyard/contracts';
import { z } from 'zod';
import { sortKeysSchema } from '../filter/orderOf.js';

/** A row of `selectJobs`: a job, with what is summed up from its attempts and its test. */
export const jobRowSchema = z.object({
  ...sortKeysSchema.shape,
  id: z.string(),
  project: z.string(),
  state: jobStateSchema,
  name: z.string().nullable(),
  experiment: z.string(),
  tags: z.array(z.string()),
  notes: z.string(),
  priority: z.int(),
  architecture: z.string(),
  parameters: z.coerce.number(),
  dataset: z.string(),
  datasetVersion: z.int().nullable(),
  datasetDigest: z.string().nullable(),
  /** A stored spec that is older than a field gets the field's default. */
  spec: completeJobSpecSchema,
  source: jobSourceSchema.nullable(),
  initialWeights: loadedWeightsSchema.nullable(),
  replayOf: z.string().nullable(),
  imported: importedSchema.nullable(),
  forecast: forecastSchema.nullable(),
  attempt: z.int(),
  maxAttempts: z.int(),
  progress: progressSchema.nullable(),
  bestEpoch: z.int().nullable(),
  bestValidationLoss: z.number().nullable(),
  bestValidationAccuracy: z.number().nullable(),
  failureCode: z.string().nullable(),
  failureMessage: z.string().nullable(),
  idempotencyHash: z.string().nullable(),
  createdAt: z.date(),
  startedAt: z.date().nullable(),
  finishedAt: z.date().nullable(),
  trainingSeconds: z.number(),
  cost: z.number().nullable(),
  stopped: stopReasonSchema.nullable(),
  /** Of the newest attempt. */
  executor: executorInfoSchema.nullable(),
  /** The last epoch that is stored; null before the first. */
  lastEpoch: z.int().nullable(),
  /** Number of jobs that start before this one; null unless it is queued. */
  queuePosition: z.int().nullable(),
  /** Changes whenever anything else in this row changes. */
  version: z.string(),
  testLoss: z.number().nullable(),
  testAccuracy: z.number().nullable(),
  testAccuracyAugmented: z.number().nullable(),
  testCorrect: z.int().nullable(),
  testTotal: z.int().nullable(),
  testPartial: z.boolean().nullable(),
});
export type JobRow = z.output<typeof jobRowSchema>;

export const kindOf = (source: JobSource | null): JobKind => (source === null ? 'training' : 'test');

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: kindOf(row.source),
    state: row.state,
    terminal: isTerminal(row.state),
    name: row.name,
    experiment: row.experiment,
    tags: row.tags,
    notes: row.notes,
    priority: row.priority,
    architecture: row.architecture,
    parameters: row.parameters,
    dataset: row.dataset,
    datasetVersion: row.datasetVersion,
    datasetDigest: row.datasetDigest,
    spec: row.spec,
    source: row.source,
    initialWeights: row.initialWeights,
    replayOf: row.replayOf,
    imported: row.imported,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    trainingSeconds: row.trainingSeconds,
    cost: row.cost,
    stopped: row.stopped,
    attempt: row.attempt,
    maxAttempts: row.maxAttempts,
    executor: row.executor,
    // That of a test only shows its worker that the trainer is alive.
    progress: row.source === null ? toProgress(row) : null,
    queuePosition: row.queuePosition,
    forecast: row.forecast,
    best: toBest(row),
    test: toTest(row),
    failure: toFailure(row),
  };
}

/**
 * Workers store progress about once a second, so the last value of a job that does not run can be older than its last
 * epoch.
 */
function toProgress({ progress, state, lastEpoch }: JobRow): Job['progress'] {
  if (progress === null || !(isTerminal(state) || state === 'queued' || state === 'paused')) return progress;
  const { epochs, stepsPerEpoch } = progress;
  const atEndOf = (epoch: number) => ({ ...progress, epoch, step: stepsPerEpoch });
  // Fewer epochs than planned where the training stopped early.
  if (state === 'succeeded') return { ...atEndOf(lastEpoch ?? epochs), fraction: 1, etaSeconds: 0 };
  const stored = lastEpoch ?? 0;
  const latest = stored >= progress.epoch ? { ...atEndOf(stored), fraction: stored / epochs } : progress;
  return { ...latest, etaSeconds: null };
}

function toBest(row: JobRow): Job['best'] {
  const { bestEpoch, bestValidationLoss, bestValidationAccuracy } = row;
  if (bestEpoch === null || bestValidationLoss === null || bestValidationAccuracy === null) return null;
  return { epoch: bestEpoch, validationLoss: bestValidationLoss, validationAccuracy: bestValidationAccuracy };
}

function toTest(row: JobRow): Job['test'] {
  const { testLoss, testAccuracy, testCorrect, testTotal, testPartial, testAccuracyAugmented: accuracyAugmented } = row;
  if (testLoss === null || testAccuracy === null || testCorrect === null || testTotal === null) return null;
  const partial = testPartial ?? false;
  const accuracy = testAccuracy;
  return { loss: testLoss, accuracy, accuracyAugmented, correct: testCorrect, total: testTotal, partial };
}

/** The two columns in which jobs and attempts store a failure. */
export function toFailure(row: { failureCode: string | null; failureMessage: string | null }): Failure | null {
  const { failureCode, failureMessage } = row;
  if (failureCode === null || failureMessage === null) return null;
  return { code: storedFailureCodeSchema.parse(failureCode), message: failureMessage };
}
