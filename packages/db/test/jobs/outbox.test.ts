import { expect, test } from 'vitest';
import { submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const submit = async (count: number) => {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await suite.db.jobs.submit(submission({ priority: i }))).job.id);
  return ids;
};

test('rows are taken oldest first, and only once if several callers take at the same time', async () => {
  const ids = await submit(12);
  const taken: string[] = [];
  const take = () => suite.db.outbox.take(3, async (rows) => void taken.push(...rows.map(({ jobId }) => jobId)));
  const counts = await Promise.all([take(), take(), take(), take()]);
  expect(counts.every((count) => count <= 3)).toBe(true);
  while ((await take()) > 0);
  expect(taken.toSorted()).toEqual(ids.toSorted());
});

test('rows that could not be published stay', async () => {
  const [id] = await submit(1);
  const away = suite.db.outbox.take(10, async () => {
    throw new Error('the queue is away');
  });
  await expect(away).rejects.toThrow('the queue is away');
  const taken: unknown[] = [];
  expect(await suite.db.outbox.take(10, async (rows) => void taken.push(...rows))).toBe(1);
  expect(taken).toEqual([{ jobId: id, attempt: 1, priority: 0 }]);
});
