import type { Failure } from '@trainyard/contracts';
import { newId, StaleAttemptError } from '@trainyard/db';
import pg from 'pg';
import { expect, test } from 'vitest';
import {
  checkpoint,
  metrics,
  openAttempt,
  runningJob,
  submission,
  type TestView,
  testResults,
  useDatabase,
} from '../fixtures.js';

const suite = useDatabase();

const tables = [
  'jobs',
  'attempts',
  'events',
  'outbox',
  'epoch_metrics',
  'checkpoints',
  'test_results',
  'class_results',
];

/** Every row of every table that an attempt may write. */
async function everything(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rows: unknown[] = [];
  for (const table of tables) rows.push((await client.query(`SELECT * FROM ${table} ORDER BY 1, 2`)).rows);
  await client.end();
  return rows;
}

const failure: Failure = { code: 'trainer_crashed', message: 'the trainer ended with SIGSEGV' };
const progress = { epoch: 1, epochs: 2, step: 1, stepsPerEpoch: 9, fraction: 0, imagesPerSecond: 1, etaSeconds: null };
const executor = { name: 'tfjs', device: 'cpu', threads: null, version: '4' };

const writes: [string, (db: TestView, jobId: string, token: string) => Promise<unknown>][] = [
  ['progress', (db, _jobId, token) => db.attempts.progress(token, progress)],
  ['started', (db, _jobId, token) => db.attempts.started(token, executor)],
  ['warning', (db, _jobId, token) => db.attempts.warning(token, { code: 'slow', message: 'slow' })],
  ['epoch', (db, jobId, token) => db.attempts.epoch(token, metrics(2), checkpoint(jobId, 1, 2))],
  ['setAside', (db, jobId, token) => db.attempts.setAside(token, checkpoint(jobId, 1, 1).key)],
  ['succeed', (db, _jobId, token) => db.attempts.succeed(token, testResults(1))],
  ['fail', (db, _jobId, token) => db.attempts.fail(token, failure, { retryable: true })],
  ['cancelled', (db, _jobId, token) => db.attempts.cancelled(token)],
  ['handBack', (db, jobId, token) => db.attempts.handBack(token, checkpoint(jobId, 1, 1, 5))],
];

test.each(writes)('%s with a stale token throws and writes nothing', async (_name, write) => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  await suite.db.attempts.handBack(token, null);
  await openAttempt(suite.db, jobId);
  const before = await everything(suite.url);
  await expect(write(suite.db, jobId, token)).rejects.toThrow(StaleAttemptError);
  await expect(write(suite.db, jobId, newId('wrk'))).rejects.toThrow(StaleAttemptError);
  expect(await everything(suite.url)).toEqual(before);
});

test('a heartbeat with a stale token returns null', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.fail(token, failure, { retryable: false });
  expect(await suite.db.attempts.heartbeat(token)).toBeNull();
  expect((await suite.db.jobs.find(jobId))?.state).toBe('failed');
});

test('of any number of simultaneous deliveries of an attempt, one opens it', async () => {
  const { job } = await suite.db.jobs.submit(submission());
  const open = () => suite.db.attempts.open({ jobId: job.id, attempt: 1, workerId: newId('wrk') });
  const opened = await Promise.all(Array.from({ length: 6 }, open));
  expect(opened.filter((attempt) => attempt !== null)).toHaveLength(1);
  expect(await open()).toBeNull();
  expect(await suite.db.attempts.list(job.id)).toHaveLength(1);
});
