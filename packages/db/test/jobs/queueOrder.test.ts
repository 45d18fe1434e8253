import { listJobsQuerySchema } from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import { expect, it } from 'vitest';
import { lockRow, openAttempt, submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

/** The queued jobs in the order of their positions. */
async function inOrder(): Promise<string[]> {
  const { data } = await suite.db.jobs.list(listJobsQuerySchema.parse({ state: 'queued', limit: '500' }));
  return data.sort((a, b) => (a.queuePosition ?? 0) - (b.queuePosition ?? 0)).map(({ id }) => id);
}

it('starts jobs in the order of their positions, and one that was interrupted or resumed keeps its place', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 50; i++) {
    ids.push((await suite.db.jobs.submit(submission({ priority: i % 3 }))).job.id);
  }
  const before = await inOrder();
  // A worker that is stopped hands its job back; another job is paused and resumed; one attempt fails retryably.
  const [first = '', second = '', third = ''] = before;
  await suite.db.attempts.handBack((await openAttempt(suite.db, first)).token, null);
  await suite.db.jobs.pause(second);
  await suite.db.jobs.resume(second);
  const failure = { code: 'trainer_crashed' as const, message: 'ended by SIGKILL' };
  await suite.db.attempts.fail((await openAttempt(suite.db, third)).token, failure, { retryable: true });
  expect(await inOrder()).toEqual(before);

  // Several workers at the same moment get different jobs, the first ones.
  const open = () => suite.db.attempts.openNext(newId('wrk'));
  const opened = await Promise.all(Array.from({ length: 5 }, open));
  expect(new Set(opened.map((each) => each?.jobId))).toEqual(new Set(before.slice(0, 5)));
  const started: (string | undefined)[] = [];
  for (let i = 5; i < 50; i++) started.push((await open())?.jobId);
  expect(started).toEqual(before.slice(5));
  expect(await open()).toBeNull();
});

it('skips a job whose row a silent session has locked', async () => {
  const locked = (await suite.db.jobs.submit(submission({ priority: 100 }))).job.id;
  const free = (await suite.db.jobs.submit(submission())).job.id;
  const lock = await lockRow(suite.url, locked);
  expect((await suite.db.attempts.openNext(newId('wrk')))?.jobId).toBe(free);
  expect(await suite.db.attempts.openNext(newId('wrk'))).toBeNull();
  await lock.release();
  expect((await suite.db.attempts.openNext(newId('wrk')))?.jobId).toBe(locked);
});

it('counts all the jobs before one', async () => {
  let last = '';
  for (let i = 0; i < 250; i++) last = (await suite.db.jobs.submit(submission())).job.id;
  expect((await suite.db.jobs.find(last))?.queuePosition).toBe(249);
  expect((await suite.db.jobs.submit(submission())).job.queuePosition).toBe(250);
});
