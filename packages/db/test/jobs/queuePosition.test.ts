import { listJobsQuerySchema } from '@trainyard/contracts';
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
