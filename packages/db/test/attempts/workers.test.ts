import type { Dataset } from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import pg from 'pg';
import { expect, test } from 'vitest';
import { submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

const dataset = (version: number): Dataset => ({
  ...{ name: 'cifar10', version, digest: 'e'.repeat(64), imageShape: [32, 32, 3], classes: ['airplane', "won't"] },
  ...{ trainImages: 50_000, testImages: 10_000, mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] },
  ...{ bytes: 3_000_000_000, source: 'cifar-10-python.tar.gz', importedAt: '2026-01-02T03:04:05.678Z' },
});

test('datasets are found by name and version, or the newest by name alone', async () => {
  for (const version of [1, 3, 2]) await suite.db.datasets.upsert(dataset(version));
  await suite.db.datasets.upsert({ ...dataset(2), source: 'elsewhere' });
  expect(await suite.db.datasets.find('cifar10', null)).toEqual(dataset(3));
  expect(await suite.db.datasets.find('cifar10', 2)).toEqual({ ...dataset(2), source: 'elsewhere' });
  expect(await suite.db.datasets.find('cifar10', 4)).toBeNull();
  expect((await suite.db.datasets.list()).map(({ version }) => version)).toEqual([3, 2, 1]);
});

async function silence(id: string, time: string): Promise<void> {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query('UPDATE workers SET heartbeat_at = now() - $2::interval WHERE id = $1', [id, time]);
  await client.end();
}

test('workers are listed with what they do until they say goodbye', async () => {
  const worker = { id: newId('wrk'), hostname: 'gpu-1', pid: 12, executor: 'native', device: 'cpu' };
  await suite.db.workers.heartbeat({ ...worker, jobId: null, attempt: null });
  const [first] = await suite.db.workers.list();
  expect(first).toMatchObject({ ...worker, alive: true, jobId: null });
  const jobId = (await suite.db.jobs.submit(submission())).job.id;
  await suite.db.workers.heartbeat({ ...worker, jobId, attempt: 2 });
  const [second] = await suite.db.workers.list();
  expect(second).toMatchObject({ jobId, attempt: 2, startedAt: first?.startedAt });
  const [toOthers] = await suite.db.project('other').workers.list();
  expect(toOthers).toEqual({ ...second, jobId: null, attempt: null });

  const silent = { ...worker, id: newId('wrk'), jobId: null, attempt: null };
  await suite.db.workers.heartbeat(silent);
  await silence(silent.id, '11 seconds');
  expect(await suite.db.workers.list()).toMatchObject([{ alive: true }, { id: silent.id, alive: false }]);
  await silence(silent.id, '25 hours');
  await suite.db.workers.heartbeat({ ...worker, jobId, attempt: 2 });
  expect(await suite.db.workers.list()).toHaveLength(1);
  await suite.db.workers.remove(worker.id);
  expect(await suite.db.workers.list()).toEqual([]);
});
