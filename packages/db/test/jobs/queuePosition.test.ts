import { listJobsQuerySchema, maxQueuePosition } from '@trainyard/contracts';
import pg from 'pg';
import { expect, test } from 'vitest';
import { openAttempt, submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('a queue position counts the jobs that start before: higher priorities, then earlier ones', async () => {
  const submit = async (priority: number) => (await suite.db.jobs.submit(submission({ priority }))).job;
  const first = await submit(0);
  const second = await submit(0);
  const urgent = await submit(10);
  const third = await submit(0);
  expect([first, second, urgent, third].map((job) => job.queuePosition)).toEqual([0, 1, 0, 3]);
  const positions = async () => {
    const { data } = await suite.db.jobs.list(listJobsQuerySchema.parse({}));
    return Object.fromEntries(data.map((job) => [job.id, job.queuePosition]));
  };
  expect(await positions()).toEqual({ [urgent.id]: 0, [first.id]: 1, [second.id]: 2, [third.id]: 3 });
  expect((await suite.db.outbox.queued(10)).map(({ jobId }) => jobId)).toEqual([
    urgent.id,
    first.id,
    second.id,
    third.id,
  ]);
  await openAttempt(suite.db, urgent.id);
  expect(await positions()).toEqual({ [urgent.id]: null, [first.id]: 0, [second.id]: 1, [third.id]: 2 });
  expect((await suite.db.jobs.find(third.id))?.queuePosition).toBe(2);
});

test('positions are counted up to a limit, at which so many jobs or more are before one', async () => {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query(`
    CREATE TEMP TABLE model AS SELECT * FROM jobs WHERE state = 'queued' LIMIT 1;
    DELETE FROM jobs WHERE state = 'queued';
    INSERT INTO jobs SELECT (jsonb_populate_record(model, jsonb_build_object('id', 'job_' || i))).*
    FROM model, generate_series(10001, 10000 + ${maxQueuePosition}) i;`);
  await client.end();
  expect((await suite.db.jobs.find(`job_${10_000 + maxQueuePosition}`))?.queuePosition).toBe(maxQueuePosition - 1);
  for (let more = 0; more < 2; more++) {
    expect((await suite.db.jobs.submit(submission())).job.queuePosition).toBe(maxQueuePosition);
  }
});
