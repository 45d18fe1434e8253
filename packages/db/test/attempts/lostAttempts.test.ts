import { expect, test } from 'vitest';
import { eventTypes, lockRow, openAttempt, runningJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

async function lastHeartbeat(token: string) {
  const found = (await suite.db.attempts.heartbeats()).find((heartbeat) => heartbeat.token === token);
  if (!found) throw new Error('the attempt is not running');
  return found;
}

const lose = async (token: string) => suite.db.attempts.expire(await lastHeartbeat(token), 10);

test('a job whose worker is lost is queued again, once, and the old worker can write no more', async () => {
  const { jobId, token } = await runningJob(suite.db);
  const last = await lastHeartbeat(token);
  const found = await Promise.all(Array.from({ length: 5 }, () => suite.db.attempts.expire(last, 10)));
  expect(found.filter((id) => id !== null)).toEqual([jobId]);
  expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'queued', attempt: 2 });
  expect(await suite.db.attempts.list(jobId)).toMatchObject([{ outcome: 'lost', failure: { code: 'worker_lost' } }]);
  expect(await suite.db.attempts.heartbeat(token)).toBeNull();
  await openAttempt(suite.db, jobId);
  expect(await eventTypes(suite.db, jobId)).toEqual(['submitted', 'started', 'attemptFailed', 'started']);
});

test('a worker that sends another heartbeat keeps its job', async () => {
  const { jobId, token } = await runningJob(suite.db);
  const last = await lastHeartbeat(token);
  await suite.db.attempts.heartbeat(token);
  expect(await suite.db.attempts.expire(last, 10)).toBeNull();
  expect((await suite.db.jobs.find(jobId))?.state).toBe('running');
});

test('a job whose row another session holds is passed over at once, and ended when the row is free', async () => {
  const { jobId, token } = await runningJob(suite.db);
  const lock = await lockRow(suite.url, jobId);
  expect(await lose(token)).toBeNull();
  await lock.release();
  expect(await lose(token)).toBe(jobId);
});

test('at its last attempt a job with a lost worker fails, and says why', async () => {
  const { jobId, token } = await runningJob(suite.db, { maxAttempts: 1 });
  await lose(token);
  expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'failed', failure: { code: 'worker_lost' } });
});

test('a job that was being cancelled when its worker was lost is cancelled', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.jobs.cancel(jobId);
  await lose(token);
  expect((await suite.db.jobs.find(jobId))?.state).toBe('cancelled');
});

test('an attempt that comes back after it was considered lost is recorded in the events of its job', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await lose(token);
  await openAttempt(suite.db, jobId);
  await suite.db.attempts.recordRefused({ jobId, attempt: 1 });
  const events = await suite.db.events.list(jobId, 0, 100);
  expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(events.at(-1)).toMatchObject({ type: 'warning', data: { code: 'stale_attempt' } });
});

test('nothing is recorded of an attempt that ended by itself', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await suite.db.attempts.handBack(token, null);
  await suite.db.attempts.recordRefused({ jobId, attempt: 1 });
  expect(await eventTypes(suite.db, jobId)).toEqual(['submitted', 'started', 'handedBack']);
});

test('attempts in the queue for which no job is queued are found', async () => {
  const { jobId, token } = await runningJob(suite.db);
  const attempts = [1, 2].map((attempt) => ({ jobId, attempt }));
  expect(await suite.db.outbox.notQueued(attempts)).toEqual(attempts);
  await suite.db.attempts.handBack(token, null);
  expect(await suite.db.outbox.notQueued([...attempts, { jobId: 'job_none', attempt: 1 }])).toEqual([
    { jobId, attempt: 1 },
    { jobId: 'job_none', attempt: 1 },
  ]);
});

test('an attempt that its worker no longer runs can be ended by it, once', async () => {
  const { jobId, token } = await runningJob(suite.db);
  const [{ workerId = '' } = {}] = await suite.db.attempts.list(jobId);
  expect(await suite.db.attempts.ofWorker(workerId)).toContainEqual({ token, jobId, attempt: 1 });
  expect(await suite.db.attempts.endAbandoned(token)).toBe(true);
  expect(await suite.db.attempts.endAbandoned(token)).toBe(false);
  expect(await suite.db.attempts.ofWorker(workerId)).not.toContainEqual(expect.objectContaining({ jobId }));
  expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'queued', attempt: 2 });
  expect(await suite.db.attempts.list(jobId)).toMatchObject([{ outcome: 'lost', failure: { code: 'worker_lost' } }]);
});
