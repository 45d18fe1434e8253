import pg from 'pg';
import { expect, test } from 'vitest';
import { eventTypes, openAttempt, runningJob, useDatabase } from './fixtures.js';

const suite = useDatabase();

async function silence(jobId: string, seconds: number): Promise<void> {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query(`UPDATE jobs SET heartbeat_at = now() - make_interval(secs => $2) WHERE id = $1`, [
    jobId,
    seconds,
  ]);
  await client.end();
}

test('a job whose worker fell silent is queued again, once, and the old worker can write no more', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await silence(jobId, 11);
  const found = await Promise.all(Array.from({ length: 5 }, () => suite.db.attempts.expireLost(10)));
  expect(found.flat()).toEqual([jobId]);
  expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'queued', attempt: 2 });
  expect(await suite.db.attempts.list(jobId)).toMatchObject([{ outcome: 'lost', failure: { code: 'worker_lost' } }]);
  expect(await suite.db.attempts.heartbeat(token)).toBeNull();
  await openAttempt(suite.db, jobId);
  expect(await eventTypes(suite.db, jobId)).toEqual(['submitted', 'started', 'attemptFailed', 'started']);
});

test('a worker whose heartbeats come keeps its job', async () => {
  const { jobId, token } = await runningJob(suite.db);
  await silence(jobId, 60);
  await suite.db.attempts.heartbeat(token);
  expect(await suite.db.attempts.expireLost(10)).toEqual([]);
  expect((await suite.db.jobs.find(jobId))?.state).toBe('running');
});

test('at its last attempt a job with a lost worker fails, and says why', async () => {
  const { jobId } = await runningJob(suite.db, { maxAttempts: 1 });
  await silence(jobId, 60);
  expect(await suite.db.attempts.expireLost(10)).toEqual([jobId]);
  expect(await suite.db.jobs.find(jobId)).toMatchObject({ state: 'failed', failure: { code: 'worker_lost' } });
});

test('a job that was being cancelled when its worker fell silent is cancelled', async () => {
  const { jobId } = await runningJob(suite.db);
  await suite.db.jobs.cancel(jobId);
  await silence(jobId, 60);
  expect(await suite.db.attempts.expireLost(10)).toEqual([jobId]);
  expect((await suite.db.jobs.find(jobId))?.state).toBe('cancelled');
});
