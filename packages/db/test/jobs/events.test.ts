import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '@trainyard/db';
import { eventually } from '@trainyard/test-kit';
import pg from 'pg';
import { expect, test } from 'vitest';
import { runningJob, submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('events that are written at the same time are numbered from 1 without gaps', async () => {
  const { jobId, token } = await runningJob(suite.db);
  const warn = (i: number) => suite.db.attempts.warning(token, { code: 'loud', message: `number ${i}` });
  const cancel = () => suite.db.jobs.cancel(jobId);
  await Promise.all([...Array.from({ length: 15 }, (_, i) => warn(i)), cancel(), cancel()]);
  const events = await suite.db.events.list(jobId, 0, 100);
  expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
  expect(new Set(events.map(({ data }) => data.message)).size).toBe(16);
});

test('a list continues after a sequence number, up to its limit', async () => {
  const { jobId, token } = await runningJob(suite.db);
  for (let i = 0; i < 5; i++) await suite.db.attempts.warning(token, { code: 'loud', message: String(i) });
  const listed = await suite.db.events.list(jobId, 3, 2);
  expect(listed.map(({ sequence, data }) => [sequence, data.message])).toEqual([
    [4, '1'],
    [5, '2'],
  ]);
});

test('listeners are notified of every job with a new event, also after their connection was lost', async () => {
  const notified: (string | null)[] = [];
  const stop = await suite.db.database.listen('job_events', (payload) => notified.push(payload));
  const first = await runningJob(suite.db);
  await eventually('the first notification', () => notified.includes(first.jobId));

  const admin = new pg.Client({ connectionString: suite.url });
  await admin.connect();
  await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'trainyard listen'
    AND datname = current_database()`);
  await admin.end();
  await eventually('the reconnection', () => notified.includes(null));
  const second = await runningJob(suite.db);
  await eventually('the second notification', () => notified.includes(second.jobId));

  stop();
  const third = await runningJob(suite.db);
  await sleep(100);
  expect(notified).not.toContain(third.jobId);
});

test('readers of the same events at the same time share a statement, and readers of others get their own', async () => {
  let statements = 0;
  const db = await openDatabase(suite.url, {
    onQuery: () => {
      statements += 1;
    },
  });
  try {
    const { jobs, events } = db.project('default');
    const [one, two] = await Promise.all([jobs.submit(submission()), jobs.submit(submission())]);
    statements = 0;
    const lists = await Promise.all([
      ...Array.from({ length: 20 }, () => events.list(one.job.id, 0, 10)),
      events.list(one.job.id, 1, 10),
      events.list(two.job.id, 0, 10),
      db.project('another').events.list(one.job.id, 0, 10),
    ]);
    expect(lists.map((list) => list.length)).toEqual([...Array.from({ length: 20 }, () => 1), 0, 1, 0]);
    expect(statements).toBe(4);
  } finally {
    await db.close();
  }
});
