import {
  type CheckpointManifest,
  completeJobSpecSchema,
  type EpochMetrics,
  type TestResults,
} from '@trainyard/contracts';
import { type Database, migrate, newId, openDatabase, type Submission } from '@trainyard/db';
import { createTestDatabase } from '@trainyard/test-kit';
import pg from 'pg';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/** The database, with what the project `default` has; `workers` are those that the project sees. */
export type TestView = ReturnType<typeof viewOf>;

function viewOf(database: Database) {
  const { jobs, events, metrics, results, checkpoints, workers } = database.project('default');
  const { attempts, outbox, deletions, retention, keys, sessions, usage, audit } = database;
  return {
    database,
    jobs,
    events,
    metrics,
    results,
    checkpoints,
    workers,
    attempts,
    outbox,
    deletions,
    retention,
    keys,
    sessions,
    usage,
    audit,
  };
}

/** A migrated database for the suite; the suite fails if it leaves a connection open. */
export function useDatabase(options: { poolSize?: number } = {}) {
  const suite = {} as { db: TestView; url: string };
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await createTestDatabase(migrate);
    suite.url = database.url;
    drop = database.drop;
    suite.db = viewOf(await openDatabase(database.url, { poolSize: 8, ...options }));
  });
  afterAll(async () => {
    await suite.db?.database.close();
    await drop?.();
  });
  return suite;
}

export type SpecInput = Record<string, unknown>;

export function submission(spec: SpecInput = {}, rest: Partial<Submission> = {}): Submission {
  const complete = completeJobSpecSchema.parse({ architecture: 'lenet', seed: 7, ...spec });
  return {
    spec: complete,
    architecture: 'lenet',
    parameters: 62_006,
    datasetDigest: 'd'.repeat(64),
    apiKeyId: null,
    idempotency: null,
    ...rest,
  };
}

/** A job that was submitted and whose first attempt runs. */
export async function runningJob(db: TestView, spec: SpecInput = {}) {
  const { job } = await db.jobs.submit(submission(spec));
  return openAttempt(db, job.id);
}

/** The next attempt of a queued job, by a new worker. */
export async function openAttempt(db: TestView, jobId: string) {
  const job = await db.jobs.find(jobId);
  const opened = await db.attempts.open({ jobId, attempt: job?.attempt ?? 0, workerId: newId('wrk') });
  if (!opened) throw new Error(`job ${jobId} could not be opened: it is ${job?.state}`);
  return opened;
}

export const metrics = (epoch: number, values: Partial<EpochMetrics> = {}): EpochMetrics => ({
  epoch,
  trainLoss: 2 / epoch,
  trainAccuracy: 0.5,
  validationLoss: 2.1 / epoch,
  validationAccuracy: 0.4,
  learningRate: 0.01,
  trainSeconds: 1.5,
  validationSeconds: 0.25,
  imagesPerSecond: 20_000,
  stepMilliseconds: 1,
  executor: 'native',
  device: 'cpu',
  best: true,
  ...values,
});

/** A checkpoint after `epoch` complete epochs of 100 steps and `step` steps of the next; the best epoch is the last. */
export function checkpoint(jobId: string, attempt: number, epoch: number, step = 0, bestEpoch = epoch) {
  const manifest: CheckpointManifest = {
    format: 1,
    jobId,
    attempt,
    cursor: { epoch, step, globalStep: epoch * 100 + step },
    metrics: step ? null : { trainLoss: 1, trainAccuracy: 0.5, validationLoss: 1.1, validationAccuracy: 0.4 },
    best: bestEpoch ? { epoch: bestEpoch, value: 2.1 / bestEpoch } : null,
    spec: submission().spec,
    inputShape: [32, 32, 3],
    codeVersion: '0.1.0',
    dataset: { name: 'cifar10', version: 3, digest: 'd'.repeat(64), classes: ['cat', 'dog'] },
    normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    createdAt: '2026-01-02T03:04:05.678Z',
    files: [
      { name: 'model.json', bytes: 1000, sha256: 'a'.repeat(64) },
      { name: 'weights.bin', bytes: 248_024, sha256: 'b'.repeat(64) },
      { name: 'state.safetensors', bytes: 500, sha256: 'c'.repeat(64) },
    ],
  };
  return { manifest, key: `jobs/${jobId}/${attempt}-${epoch}-${step}` };
}

export const testResults = (epoch: number, correct = 7): TestResults => ({
  epoch,
  loss: 1.2,
  accuracy: correct / 10,
  accuracyAugmented: null,
  correct,
  total: 10,
  top5Accuracy: 0.9,
  macroF1: 0.8,
  seconds: 0.5,
  partial: false,
  last: null,
  classes: [
    { class: 'cat', correct, total: 10, accuracy: correct / 10, precision: 1, recall: correct / 10, f1: 0.8 },
    { class: 'dog', correct: 0, total: 0, accuracy: null, precision: 0, recall: null, f1: null },
  ],
  confusion: [
    [correct, 10 - correct],
    [0, 0],
  ],
});

/** Trains and tests a job to its end in one epoch. */
export async function succeededJob(db: TestView, spec: SpecInput = {}, correct = 7): Promise<string> {
  const { jobId, token } = await runningJob(db, spec);
  await db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await db.attempts.succeed(token, testResults(1, correct));
  return jobId;
}

export const eventTypes = async (db: TestView, jobId: string) =>
  (await db.events.list(jobId, 0, 1000)).map(({ type }) => type);

/** A session that holds the job's row until `release`, or until the test is done. */
export async function lockRow(url: string, jobId: string): Promise<{ release(): Promise<void> }> {
  const session = new pg.Client({ connectionString: url });
  await session.connect();
  onTestFinished(() => session.end());
  await session.query('BEGIN');
  await session.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [jobId]);
  return { release: async () => void (await session.query('COMMIT')) };
}
