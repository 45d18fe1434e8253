import { isTerminal } from '@trainyard/contracts';
import { openDatabase } from '@trainyard/db';
import { expect, test } from 'vitest';
import { submission, useDatabase } from '../fixtures.js';

const suite = useDatabase({ poolSize: 10 });

async function drain(): Promise<string[]> {
  const taken: string[] = [];
  await suite.db.outbox.take(1000, async (rows) => void taken.push(...rows.map(({ jobId }) => jobId)));
  return taken;
}

test('the same idempotency key twenty times at once creates one job with one event and one delivery', async () => {
  await drain();
  const given = submission({}, { idempotency: { key: 'once', bodyHash: 'h1' } });
  const answers = await Promise.all(Array.from({ length: 20 }, () => suite.db.jobs.submit(given)));
  expect(answers.filter(({ created }) => created)).toHaveLength(1);
  const ids = new Set(answers.map(({ job }) => job.id));
  expect(ids.size).toBe(1);
  expect(await drain()).toEqual([...ids]);
  expect(await suite.db.events.list([...ids][0] as string, 0, 10)).toHaveLength(1);
});

test('a key that is used again with another body is refused', async () => {
  await suite.db.jobs.submit(submission({}, { idempotency: { key: 'body', bodyHash: 'h1' } }));
  const other = submission({ epochs: 3 }, { idempotency: { key: 'body', bodyHash: 'h2' } });
  await expect(suite.db.jobs.submit(other)).rejects.toMatchObject({ code: 'idempotency_key_reused' });
});

test('two callers may use the same idempotency key', async () => {
  const one = await suite.db.keys.create({ name: 'one', role: 'submitter', project: 'default' });
  const two = await suite.db.keys.create({ name: 'two', role: 'submitter', project: 'default' });
  const idempotency = { key: 'shared', bodyHash: 'h' };
  const first = await suite.db.jobs.submit(submission({}, { apiKeyId: one.id, idempotency }));
  const second = await suite.db.jobs.submit(submission({}, { apiKeyId: two.id, idempotency }));
  expect(second.created).toBe(true);
  expect(second.job.id).not.toBe(first.job.id);
});

test('without a key every submission is a job of its own', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => suite.db.jobs.submit(submission())));
  expect(new Set(answers.map(({ job }) => job.id)).size).toBe(5);
  expect(answers.some(({ job }) => isTerminal(job.state))).toBe(false);
});

test('of many at once, one that cannot be stored fails alone, and the others get their positions', async () => {
  await drain();
  const given = Array.from({ length: 10 }, (_, i) => submission({ priority: i === 7 ? 60 : 50 }));
  given[4] = submission({ priority: 50 }, { parameters: -1 });
  const settled = await Promise.allSettled(given.map((each) => suite.db.jobs.submit(each)));
  expect(settled.map(({ status }) => status)).toEqual(given.map((_, i) => (i === 4 ? 'rejected' : 'fulfilled')));
  const jobs = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value.job] : []));
  expect((await drain()).toSorted()).toEqual(jobs.map(({ id }) => id).toSorted());
  for (const { id } of jobs) expect(await suite.db.events.list(id, 0, 10)).toMatchObject([{ type: 'submitted' }]);
});

test('queue positions count all jobs that start earlier, also those of the same statement', async () => {
  const given = [70, 70, 80, 70].map((priority) => submission({ priority }));
  const answers = await Promise.all(given.map((each) => suite.db.jobs.submit(each)));
  expect(answers[2]?.job.queuePosition).toBe(0);
  expect(answers.map(({ job }) => job.queuePosition).sort()).toEqual([0, 1, 2, 3]);
  for (const { job } of answers) expect(await suite.db.jobs.find(job.id)).toEqual(job);
});

test('the same keys at once in another order do not deadlock and create each job once', async () => {
  const keys = Array.from({ length: 20 }, (_, i) => `key ${i}`);
  const submitAll = (order: string[]) =>
    order.map((key) => suite.db.jobs.submit(submission({}, { idempotency: { key, bodyHash: 'h' } })));
  const other = await openDatabase(suite.url);
  try {
    const theirs = keys.toReversed().map((key) => {
      return other.project('default').jobs.submit(submission({}, { idempotency: { key, bodyHash: 'h' } }));
    });
    const answers = await Promise.all([...submitAll(keys), ...theirs]);
    expect(answers.filter(({ created }) => created)).toHaveLength(20);
    expect(new Set(answers.map(({ job }) => job.id)).size).toBe(20);
  } finally {
    await other.close();
  }
});
