import { newId } from '@trainyard/db';
import { expect, it } from 'vitest';
import { eventTypes, submission, succeededJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const submit = async (priority = 0) => (await suite.db.jobs.submit(submission({ priority }))).job.id;

it('moves a queued job to the place of its new priority, and keeps the time since which it waits', async () => {
  const [first, second, third] = [await submit(), await submit(), await submit(5)];
  const { jobId } = (await suite.db.attempts.openNext(newId('wrk'))) ?? {};
  expect(jobId).toBe(third);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await suite.db.jobs.edit(second, { priority: 1 })).toBe(true);
  expect(await suite.db.jobs.find(second)).toMatchObject({ priority: 1, queuePosition: 0, spec: { priority: 1 } });
  expect(await suite.db.jobs.find(first)).toMatchObject({ queuePosition: 1 });
  expect((await suite.db.outbox.queued(10)).map((each) => each.jobId)).toEqual([second, first]);
  const opened = await suite.db.attempts.openNext(newId('wrk'));
  expect(opened?.jobId).toBe(second);
  expect(opened?.queuedSeconds).toBeGreaterThanOrEqual(0.05);
});

it('records each change once, with the values before and after, and nothing where nothing changes', async () => {
  const id = await submit();
  expect(await suite.db.jobs.edit(id, { name: 'a', tags: ['x', "y' --"], priority: 0 })).toBe(true);
  expect(await suite.db.jobs.edit(id, { name: 'a', tags: ['x', "y' --"] })).toBe(false);
  expect(await suite.db.jobs.edit(id, { tags: null, notes: null })).toBe(true);
  const [, ...changes] = await suite.db.events.list(id, 0, 10);
  expect(changes).toMatchObject([
    { sequence: 2, type: 'changed', data: { from: { name: null, tags: [] }, to: { name: 'a', tags: ['x', "y' --"] } } },
    { sequence: 3, type: 'changed', data: { from: { tags: ['x', "y' --"] }, to: { tags: [] } } },
  ]);
  expect(await suite.db.jobs.find(id)).toMatchObject({ name: 'a', tags: [], spec: { name: 'a', tags: [] } });
});

it('lets one of several changes of the same version through', async () => {
  const id = await succeededJob(suite.db);
  const { version = '' } = (await suite.db.jobs.version(id)) ?? {};
  const edits = Array.from({ length: 8 }, (_, i) =>
    suite.db.jobs.edit(id, { notes: `note ${i}` }, (current) => current === version),
  );
  const outcomes = await Promise.allSettled(edits);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await eventTypes(suite.db, id)).filter((type) => type === 'changed')).toHaveLength(1);
});
