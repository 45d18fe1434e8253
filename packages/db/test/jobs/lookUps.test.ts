import type { Job } from '@trainyard/contracts';
import pg from 'pg';
import { expect, test } from 'vitest';
import { checkpoint, metrics, openAttempt, submission, testResults, useDatabase } from '../fixtures.js';

const suite = useDatabase();

/** Records each version of a job with the job as it was read with that version. */
function versionsOf(id: string) {
  const seen = new Map<string, Job>();
  return async () => {
    const found = await suite.db.jobs.findVersioned(id);
    if (!found) throw new Error(`there is no ${id}`);
    expect((await suite.db.jobs.version(id))?.version).toBe(found.version);
    // The same version always belongs to the same job.
    expect(found.job).toEqual(seen.get(found.version) ?? found.job);
    seen.set(found.version, found.job);
    return { versions: seen.size, ...found };
  };
}

test('whatever changes in a job, its version changes too', async () => {
  const { db } = suite;
  const { job } = await db.jobs.submit(submission({ maxAttempts: 3 }));
  const look = versionsOf(job.id);
  const first = await look();
  expect((await look()).version).toBe(first.version);

  // Only its place in the queue changes.
  const before = await db.jobs.submit(submission({ priority: 50 }));
  expect((await look()).job.queuePosition).toBe(1);
  await db.jobs.cancel(before.job.id);
  expect((await look()).version).toBe(first.version);

  const { token } = await openAttempt(db, job.id);
  await look();
  const executor = { name: 'native', device: 'cpu', threads: 2, version: 'oneDNN' };
  await db.attempts.started(token, executor);
  expect((await look()).job.executor).toEqual(executor);
  const running = await look();
  expect((await look()).version).toBe(running.version);
  await db.attempts.heartbeat(token);
  await look();
  await db.attempts.epoch(token, metrics(1), checkpoint(job.id, 1, 1));
  expect((await look()).job.best?.epoch).toBe(1);
  await db.attempts.fail(token, { code: 'trainer_crashed', message: 'gone' }, { retryable: true });
  expect((await look()).job.state).toBe('queued');

  const second = await openAttempt(db, job.id);
  await look();
  await db.attempts.epoch(second.token, metrics(2), checkpoint(job.id, 2, 2));
  await db.attempts.succeed(second.token, testResults(2));
  const done = await look();
  expect(done.job.test?.correct).toBe(7);
  expect((await look()).version).toBe(done.version);
  expect(done.versions).toBeGreaterThanOrEqual(9);
});

test('of many look-ups at the same time each gets its own job, and null for one that does not exist', async () => {
  const { db } = suite;
  const submitted = await Promise.all(Array.from({ length: 30 }, () => db.jobs.submit(submission())));
  const ids = submitted.map(({ job }) => job.id);
  const missing = `job_${'0'.repeat(26)}`;
  const [found, versions] = await Promise.all([
    Promise.all([...ids, missing, ...ids].map((id) => db.jobs.find(id))),
    Promise.all([...ids, missing].map((id) => db.jobs.version(id))),
  ]);
  expect(found.map((job) => job?.id ?? null)).toEqual([...ids, null, ...ids]);
  expect(versions.at(-1)).toBeNull();
  expect(versions.slice(0, -1).every((version) => version?.state === 'queued')).toBe(true);
});

test('a stored spec that is older than a field is read with the default of the field', async () => {
  const { job } = await suite.db.jobs.submit(submission());
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query("UPDATE jobs SET spec = spec - 'lookahead' - 'testAugmentation' WHERE id = $1", [job.id]);
  await client.end();
  expect((await suite.db.jobs.find(job.id))?.spec).toEqual(job.spec);
});
