import {
  type ApiKey,
  type Attempt,
  type AuditEntry,
  type Checkpoint,
  type CheckpointManifest,
  type ClassResult,
  type Dataset,
  type EpochMetrics,
  type ExecutorInfo,
  type Failure,
  isTerminal,
  type Job,
  type JobEvent,
  type JobSpec,
  type Progress,
  type ResultRow,
  storedFailureCodeSchema,
  type TestResults,
  type Worker,
} from '@trainyard/contracts';
import type { Prisma } from '../postgres/generated/client.js';

/** Rows of the database become the types of `contracts` here and nowhere else. JSON columns hold what was checked when written. */

/** What `jobs.ts` selects of a job, with what it sums up from the job's attempts and test. */
export type JobRow = Pick<
  Prisma.JobModel,
  | ('id' | 'state' | 'name' | 'experiment' | 'tags' | 'notes' | 'priority' | 'architecture' | 'parameters' | 'spec')
  | ('attempt' | 'maxAttempts' | 'progress' | 'bestEpoch' | 'bestValidationLoss' | 'bestValidationAccuracy')
  | ('failureCode' | 'failureMessage' | 'idempotencyHash' | 'createdAt' | 'startedAt' | 'finishedAt')
> & {
  trainingSeconds: number;
  executor: ExecutorInfo | null;
  /** Jobs that will start before this one; null unless it is queued. */
  queuePosition: number | null;
  /** The same as long as all that is told of the job is. */
  version: string;
  testLoss: number | null;
  testAccuracy: number | null;
  testCorrect: number | null;
  testTotal: number | null;
};

export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    state: row.state,
    terminal: isTerminal(row.state),
    name: row.name,
    experiment: row.experiment,
    tags: row.tags,
    notes: row.notes,
    priority: row.priority,
    architecture: row.architecture,
    parameters: Number(row.parameters),
    spec: row.spec as JobSpec,
    createdAt: row.createdAt.toISOString(),
    startedAt: toTime(row.startedAt),
    finishedAt: toTime(row.finishedAt),
    trainingSeconds: row.trainingSeconds,
    attempt: row.attempt,
    maxAttempts: row.maxAttempts,
    executor: row.executor,
    progress: row.progress as Progress | null,
    queuePosition: row.queuePosition,
    best: toBest(row),
    test: toTest(row),
    failure: toFailure(row),
  };
}

const toTime = (date: Date | null): string | null => date?.toISOString() ?? null;

function toBest(row: JobRow): Job['best'] {
  const { bestEpoch, bestValidationLoss, bestValidationAccuracy } = row;
  if (bestEpoch === null || bestValidationLoss === null || bestValidationAccuracy === null) return null;
  return { epoch: bestEpoch, validationLoss: bestValidationLoss, validationAccuracy: bestValidationAccuracy };
}

function toTest({ testLoss, testAccuracy, testCorrect, testTotal }: JobRow): Job['test'] {
  if (testLoss === null || testAccuracy === null || testCorrect === null || testTotal === null) return null;
  return { loss: testLoss, accuracy: testAccuracy, correct: testCorrect, total: testTotal };
}

function toFailure(row: { failureCode: string | null; failureMessage: string | null }): Failure | null {
  const { failureCode, failureMessage } = row;
  if (failureCode === null || failureMessage === null) return null;
  return { code: storedFailureCodeSchema.parse(failureCode), message: failureMessage };
}

export const toAttempt = (row: Prisma.AttemptModel): Attempt => ({
  number: row.number,
  workerId: row.workerId,
  startedAt: row.startedAt.toISOString(),
  finishedAt: toTime(row.finishedAt),
  outcome: row.outcome,
  failure: toFailure(row),
  executor: row.executor as ExecutorInfo | null,
  resumedFromEpoch: row.resumedFromEpoch,
});

export type EventRow = Omit<Prisma.EventModel, 'jobId'>;

export const toEvent = (row: EventRow): JobEvent => ({
  sequence: row.sequence,
  type: row.type,
  at: row.at.toISOString(),
  attempt: row.attempt,
  data: row.data as JobEvent['data'],
});

export function toEpochMetrics({ jobId: _job, attempt: _attempt, ...metrics }: Prisma.EpochMetricsModel): EpochMetrics {
  return metrics;
}

/** A checkpoint as its worker needs it: where its files lie and what stands in its manifest. */
export type CheckpointRow = { key: string; manifest: CheckpointManifest };

export const toCheckpointRow = (row: Prisma.CheckpointModel): CheckpointRow => ({
  key: row.key,
  manifest: row.manifest as CheckpointManifest,
});

export const toCheckpoint = (row: Prisma.CheckpointModel): Checkpoint => ({
  epoch: row.epoch,
  step: row.step,
  attempt: row.attempt,
  best: row.best,
  last: row.last,
  bytes: Number(row.bytes),
  weightsSha256: row.weightsSha256,
  validationLoss: row.validationLoss,
  validationAccuracy: row.validationAccuracy,
  createdAt: row.createdAt.toISOString(),
});

export const resultsRelations = {
  classes: { orderBy: { classIndex: 'asc' } },
  confusion: true,
} as const satisfies Prisma.TestResultsInclude;
type ResultsRow = Prisma.TestResultsGetPayload<{ include: typeof resultsRelations }>;

export function toTestResults(row: ResultsRow): TestResults {
  const confusion = row.classes.map(() => row.classes.map(() => 0));
  for (const { actual, predicted, count } of row.confusion) {
    const line = confusion[actual];
    if (line) line[predicted] = count;
  }
  const { epoch, loss, accuracy, correct, total, seconds } = row;
  return { epoch, loss, accuracy, correct, total, seconds, classes: row.classes.map(toClassResult), confusion };
}

const toClassResult = (row: Prisma.ClassResultModel): ClassResult => ({
  class: row.name,
  correct: row.correct,
  total: row.total,
  accuracy: row.accuracy,
  precision: row.precision,
  recall: row.recall,
  f1: row.f1,
});

/** A row of the history as `results.ts` selects it, with the key by which it was sorted. */
export type HistoryRow = {
  id: string;
  value: Date | number;
  finishedAt: Date;
  row: Omit<ResultRow, 'finishedAt'>;
};

export const toResultRow = ({ row, finishedAt }: HistoryRow): ResultRow => ({
  ...row,
  finishedAt: finishedAt.toISOString(),
});

export const toAuditEntry = ({ id: _id, at, ...entry }: Prisma.AuditEntryModel): AuditEntry => ({
  at: at.toISOString(),
  ...entry,
});

export const toKey = (row: Prisma.ApiKeyModel): ApiKey => ({
  id: row.id,
  name: row.name,
  role: row.role,
  project: row.project,
  limits: {
    requestsPerMinute: row.requestsPerMinute,
    queuedJobs: row.queuedJobs,
    trainingSecondsPerDay: row.trainingSecondsPerDay,
  },
  createdAt: row.createdAt.toISOString(),
  revokedAt: toTime(row.revokedAt),
});

export const toDataset = (row: Prisma.DatasetModel): Dataset => ({
  ...row,
  imageShape: row.imageShape as Dataset['imageShape'],
  bytes: Number(row.bytes),
  importedAt: row.importedAt.toISOString(),
});

export const toWorker = (row: Prisma.WorkerModel, alive: boolean): Worker => ({
  id: row.id,
  hostname: row.hostname,
  pid: row.pid,
  startedAt: row.startedAt.toISOString(),
  heartbeatAt: row.heartbeatAt.toISOString(),
  alive,
  jobId: row.jobId,
  attempt: row.attempt,
  executor: row.executor,
  device: row.device,
});
