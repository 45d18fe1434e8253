import { newId } from '@trainyard/db';
import pg from 'pg';
import { expect, test } from 'vitest';
import { submission, useDatabase } from '../fixtures.js';

const suite = useDatabase();

async function silence(id: string, time: string): Promise<void> {
  const client = new pg.Client({ connectionString: suite.url });
  await client.connect();
  await client.query('UPDATE workers SET heartbeat_at = now() - $2::interval WHERE id = $1', [id, time]);
  await client.end();
}

test('workers are listed with what they do until they remove themselves', async () => {
  const worker = {
    id: newId('wrk'),
    hostname: 'gpu-1',
    pid: 12,
    executor: 'native',
    device: 'cpu',
    memoryBytes: 64e9,
    fault: null,
  };
  await suite.db.database.workers.heartbeat({ ...worker, jobId: null, attempt: null });
  const [first] = await suite.db.workers.list();
  expect(first).toMatchObject({ ...worker, alive: true, jobId: null });
  const jobId = (await suite.db.jobs.submit(submission())).job.id;
  await suite.db.database.workers.heartbeat({ ...worker, jobId, attempt: 2 });
  const [second] = await suite.db.workers.list();
  expect(second).toMatchObject({ jobId, attempt: 2, startedAt: first?.startedAt });
  const [toOthers] = await suite.db.database.project('other').workers.list();
  expect(toOthers).toEqual({ ...second, jobId: null, attempt: null });

  await suite.db.database.workers.heartbeat({ ...worker, jobId, attempt: 2, fault: 'its disk is full' });
  expect(await suite.db.workers.list()).toMatchObject([{ fault: 'its disk is full' }]);

  const silent = { ...worker, id: newId('wrk'), jobId: null, attempt: null };
  await suite.db.database.workers.heartbeat(silent);
  await silence(silent.id, '11 seconds');
  expect(await suite.db.workers.list()).toMatchObject([{ alive: true }, { id: silent.id, alive: false }]);
  await silence(silent.id, '25 hours');
  await suite.db.database.workers.heartbeat({ ...worker, jobId, attempt: 2 });
  expect(await suite.db.workers.list()).toHaveLength(1);
  await suite.db.database.workers.remove(worker.id);
  expect(await suite.db.workers.list()).toEqual([]);
});
