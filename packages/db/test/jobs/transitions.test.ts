import { ConflictError, type Failure, NotFoundError } from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import {
  checkpoint,
  eventTypes,
  metrics,
  openAttempt,
  runningJob,
  submission,
  succeededJob,
  type TestView,
  testResults,
  useDatabase,
} from '../fixtures.js';

const suite = useDatabase();
const failure: Failure = { code: 'out_of_memory', message: 'the trainer needs more memory than there is' };

const queuedJob = async (db: TestView, spec = {}) => (await db.jobs.submit(submission(spec))).job.id;

async function deliveries(db: TestView): Promise<string[]> {
  const rows: string[] = [];
  await db.outbox.take(
    1000,
    async (taken) => void rows.push(...taken.map(({ jobId, attempt }) => `${jobId}-${attempt}`)),
  );
  return rows;
}

describe('cancelling', () => {
  test('a queued job is cancelled at once, and its delivery opens nothing', async () => {
    const jobId = await queuedJob(suite.db);
    expect(await suite.db.jobs.cancel(jobId)).toMatchObject({
      state: 'cancelled',
      terminal: true,
      queuePosition: null,
    });
    expect(await suite.db.attempts.open({ jobId, attempt: 1, workerId: newId('wrk') })).toBeNull();
    expect(await eventTypes(suite.db, jobId)).toEqual(['submitted', 'cancelled']);
  });

  test('a running job is cancelling until its trainer has stopped; a second command changes nothing', async () => {
    const { jobId, token } = await runningJob(suite.db);
    expect(await suite.db.jobs.cancel(jobId)).toMatchObject({ state: 'cancelling', terminal: false });
    expect(await suite.db.jobs.cancel(jobId)).toMatchObject({ state: 'cancelling' });
    expect(await suite.db.attempts.heartbeat(token)).toEqual({ state: 'cancelling' });
    await suite.db.attempts.cancelled(token);
    expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'cancelled', terminal: true });
    expect(await suite.db.attempts.list(jobId)).toMatchObject([{ outcome: 'cancelled' }]);
    expect(await eventTypes(suite.db, jobId)).toEqual(['submitted', 'started', 'cancelling', 'cancelled']);
  });

  test.each([
    ['finishes', (db: TestView, token: string) => db.attempts.succeed(token, testResults(1))],
    ['fails', (db: TestView, token: string) => db.attempts.fail(token, failure, { retryable: true })],
    ['is handed back', (db: TestView, token: string) => db.attempts.handBack(token, null)],
  ])('a job that %s while it is being cancelled is cancelled', async (_what, end) => {
    const { jobId, token } = await runningJob(suite.db);
    await suite.db.attempts.epoch(token, metrics(1), null);
    await suite.db.jobs.cancel(jobId);
    expect(await end(suite.db, token)).toMatchObject({ state: 'cancelled' });
    expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'cancelled', test: null });
  });

  test('a job that has ended cannot be cancelled, and one that does not exist is not found', async () => {
    const jobId = await succeededJob(suite.db);
    await expect(suite.db.jobs.cancel(jobId)).rejects.toThrow(ConflictError);
    await expect(suite.db.jobs.cancel(newId('job'))).rejects.toThrow(NotFoundError);
  });
});

describe('pausing', () => {
  test('a queued job is paused at once, and its delivery opens nothing until it is resumed', async () => {
    const jobId = await queuedJob(suite.db);
    expect(await suite.db.jobs.pause(jobId)).toMatchObject({ state: 'paused', terminal: false, queuePosition: null });
    expect(await suite.db.jobs.pause(jobId)).toMatchObject({ state: 'paused' });
    expect(await suite.db.attempts.open({ jobId, attempt: 1, workerId: newId('wrk') })).toBeNull();
    await deliveries(suite.db);
    expect(await suite.db.jobs.resume(jobId)).toMatchObject({ state: 'queued', attempt: 2 });
    expect(await suite.db.jobs.resume(jobId)).toMatchObject({ state: 'queued', attempt: 2 });
    expect(await deliveries(suite.db)).toEqual([`${jobId}-2`]);
    expect(await eventTypes(suite.db, jobId)).toEqual(['submitted', 'paused', 'resumed']);
  });

  test('a running job is pausing until its worker has handed it back, and resumes from that checkpoint', async () => {
    const { jobId, token } = await runningJob(suite.db, { maxAttempts: 1 });
    expect(await suite.db.jobs.pause(jobId)).toMatchObject({ state: 'pausing' });
    expect(await suite.db.jobs.pause(jobId)).toMatchObject({ state: 'pausing' });
    expect(await suite.db.attempts.heartbeat(token)).toEqual({ state: 'pausing' });
    await deliveries(suite.db);
    const stored = checkpoint(jobId, 1, 0, 40);
    expect(await suite.db.attempts.handBack(token, stored)).toMatchObject({ state: 'paused' });
    expect(await deliveries(suite.db)).toEqual([]);
    expect(await suite.db.attempts.list(jobId)).toMatchObject([{ outcome: 'paused', failure: null }]);
    await suite.db.jobs.resume(jobId);
    expect((await openAttempt(suite.db, jobId)).resumeFrom?.key).toBe(stored.key);
    const types = ['submitted', 'started', 'pausing', 'paused', 'resumed', 'started'];
    expect(await eventTypes(suite.db, jobId)).toEqual(types);
  });

  test('a job that is resumed while it is pausing continues, or is queued if its worker hands it back', async () => {
    const { jobId, token } = await runningJob(suite.db);
    await suite.db.jobs.pause(jobId);
    expect(await suite.db.jobs.resume(jobId)).toMatchObject({ state: 'running', attempt: 1 });
    expect(await suite.db.attempts.handBack(token, null)).toMatchObject({ state: 'queued' });
  });

  test('a job that fails while it is pausing is paused if attempts are left, otherwise failed', async () => {
    const { jobId, token } = await runningJob(suite.db, { maxAttempts: 2 });
    await suite.db.jobs.pause(jobId);
    expect(await suite.db.attempts.fail(token, failure, { retryable: true })).toMatchObject({ state: 'paused' });
    await suite.db.jobs.resume(jobId);
    const second = await openAttempt(suite.db, jobId);
    await suite.db.jobs.pause(jobId);
    expect(await suite.db.attempts.fail(second.token, failure, { retryable: true })).toMatchObject({ state: 'failed' });
  });

  test('a job that is tested while it is pausing has succeeded', async () => {
    const { jobId, token } = await runningJob(suite.db);
    await suite.db.attempts.epoch(token, metrics(1), null);
    await suite.db.jobs.pause(jobId);
    expect(await suite.db.attempts.succeed(token, testResults(1))).toMatchObject({ state: 'succeeded' });
  });

  test('a paused job can be cancelled; one that ended can neither be paused nor resumed', async () => {
    const jobId = await queuedJob(suite.db);
    await suite.db.jobs.pause(jobId);
    expect(await suite.db.jobs.cancel(jobId)).toMatchObject({ state: 'cancelled' });
    await expect(suite.db.jobs.pause(jobId)).rejects.toThrow(ConflictError);
    await expect(suite.db.jobs.resume(jobId)).rejects.toThrow(ConflictError);
    await expect(suite.db.jobs.pause(newId('job'))).rejects.toThrow(NotFoundError);
  });
});

test('an attempt can end even if the clock was set back since its start', async () => {
  const { jobId, token } = await runningJob(suite.db);
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query(`UPDATE attempts SET started_at = now() + interval '1 hour' WHERE job_id = $1`, [jobId]);
  await client.end();
  expect(await suite.db.jobs.find(jobId)).toMatchObject({ trainingSeconds: 0 });
  await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
  expect(await suite.db.attempts.succeed(token, testResults(1))).toMatchObject({ state: 'succeeded' });
  expect(await suite.db.jobs.find(jobId)).toMatchObject({ trainingSeconds: 0 });
});

describe('failing', () => {
  test('a retryable failure queues the next attempt, until none is left', async () => {
    const { jobId, token } = await runningJob(suite.db, { maxAttempts: 2 });
    await deliveries(suite.db);
    expect(await suite.db.attempts.fail(token, failure, { retryable: true })).toMatchObject({ state: 'queued' });
    expect(await deliveries(suite.db)).toEqual([`${jobId}-2`]);
    expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'queued', attempt: 2, failure: null });

    const second = await openAttempt(suite.db, jobId);
    expect(await suite.db.attempts.fail(second.token, failure, { retryable: true })).toMatchObject({ state: 'failed' });
    expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'failed', failure, terminal: true });
    expect(await deliveries(suite.db)).toEqual([]);
    expect(await suite.db.attempts.list(jobId)).toMatchObject([
      { number: 1, outcome: 'failed', failure },
      { number: 2, outcome: 'failed', failure },
    ]);
    expect(await eventTypes(suite.db, jobId)).toEqual(['submitted', 'started', 'attemptFailed', 'started', 'failed']);
    const attempts = (await suite.db.events.list(jobId, 0, 10)).map(({ attempt }) => attempt);
    expect(attempts).toEqual([1, 1, 1, 2, 2]);
  });

  test('a failure that is not retryable ends the job at once', async () => {
    const { jobId, token } = await runningJob(suite.db, { maxAttempts: 5 });
    await suite.db.attempts.fail(token, failure, { retryable: false });
    expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'failed', failure });
  });
});

describe('handing back', () => {
  test('queues the next attempt without counting a failure, as often as it comes', async () => {
    const { jobId, token } = await runningJob(suite.db, { maxAttempts: 1 });
    await suite.db.attempts.handBack(token, null);
    for (let i = 0; i < 3; i++) {
      const { token: next } = await openAttempt(suite.db, jobId);
      expect(await suite.db.attempts.handBack(next, null)).toEqual({ state: 'queued', removedKeys: [] });
    }
    expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'queued', attempt: 5 });
  });
});

describe('retrying', () => {
  test('queues a failed job again with all its attempts before it, from its newest checkpoint', async () => {
    const { jobId, token } = await runningJob(suite.db, { maxAttempts: 1 });
    const { key } = checkpoint(jobId, 1, 1);
    await suite.db.attempts.epoch(token, metrics(1), checkpoint(jobId, 1, 1));
    await suite.db.attempts.fail(token, failure, { retryable: true });
    await deliveries(suite.db);
    expect(await suite.db.jobs.retry(jobId)).toMatchObject({
      state: 'queued',
      failure: null,
      finishedAt: null,
      attempt: 2,
    });
    expect(await deliveries(suite.db)).toEqual([`${jobId}-2`]);
    expect((await openAttempt(suite.db, jobId)).resumeFrom?.key).toBe(key);
  });

  test('only failed and cancelled jobs can be retried; one that waits or runs stays as it is', async () => {
    const queued = await queuedJob(suite.db);
    expect(await suite.db.jobs.control(queued, 'retry')).toMatchObject({ job: { attempt: 1 }, changed: false });
    const { jobId } = await runningJob(suite.db);
    expect(await suite.db.jobs.control(jobId, 'retry')).toMatchObject({ job: { state: 'running' }, changed: false });
    await expect(suite.db.jobs.retry(await succeededJob(suite.db))).rejects.toThrow(ConflictError);
    await expect(suite.db.jobs.retry(newId('job'))).rejects.toThrow(NotFoundError);
    await suite.db.jobs.cancel(queued);
    expect(await suite.db.jobs.retry(queued)).toMatchObject({ state: 'queued', attempt: 2 });
  });
});

describe('opening', () => {
  test('of many deliveries of an attempt, one opens it', async () => {
    const jobId = await queuedJob(suite.db);
    const open = () => suite.db.attempts.open({ jobId, attempt: 1, workerId: newId('wrk') });
    const opened = await Promise.all(Array.from({ length: 8 }, open));
    expect(opened.filter((attempt) => attempt !== null)).toHaveLength(1);
    expect(await suite.db.attempts.list(jobId)).toHaveLength(1);
  });

  test('a delivery of an earlier attempt, or of no job, opens nothing', async () => {
    const { jobId, token } = await runningJob(suite.db);
    await suite.db.attempts.handBack(token, null);
    const workerId = newId('wrk');
    expect(await suite.db.attempts.open({ jobId, attempt: 1, workerId })).toBeNull();
    expect(await suite.db.attempts.open({ jobId: newId('job'), attempt: 1, workerId })).toBeNull();
  });
});
