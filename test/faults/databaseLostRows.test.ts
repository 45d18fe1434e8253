import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { eventually, startPostgres } from '@trainyard/test-kit';
import { epochsOf, eventsOf, longSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';

it('a job whose newest epochs the database has lost goes on from the others, and says so', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const served = await useServed({ postgres });
  const { client, home } = served;
  await served.startWorker();
  const { id } = await client.submit(longSpec);
  await eventually('some epochs', async () => (await client.metrics(id)).length > 5, 60_000);

  // As on a standby that lagged and took over: the rows of these epochs never arrived there.
  const server = new pg.Client({ connectionString: postgres.url });
  await server.connect();
  await server.query('BEGIN');
  await server.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [id]);
  await server.query('DELETE FROM checkpoints WHERE job_id = $1 AND epoch > 2', [id]);
  await server.query('DELETE FROM epoch_metrics WHERE job_id = $1 AND epoch > 2', [id]);
  await server.query('COMMIT');
  await server.end();

  const job = await waitForEnd(client, id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
  const epochs = await epochsOf(client, id);
  expect(epochs).toEqual(Array.from({ length: job.spec.epochs }, (_, index) => index + 1));
  expect(epochs).toContain(job.best?.epoch);
  const warnings = (await eventsOf(client, id)).filter(({ type }) => type === 'warning');
  expect(warnings.map(({ data }) => data.code)).toEqual(['epochs_lost']);
  const files = await readdir(path.join(home.folder, 'artifacts/jobs', id));
  expect(files).toHaveLength((await client.checkpoints(id)).length);
});

it('a job whose end the database has lost is ended by its worker, and trained to its end again', async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const served = await useServed({ postgres });
  const { client } = served;
  await served.startWorker();
  const { id } = await client.submit({ ...longSpec, epochs: 2 });
  const before = await waitForEnd(client, id);
  const results = await client.results(id);

  // As after a failover that lost the last commit: the worker has received its success and waits for other jobs.
  const server = new pg.Client({ connectionString: postgres.url });
  await server.connect();
  await server.query('BEGIN');
  await server.query('DELETE FROM test_results WHERE job_id = $1', [id]);
  await server.query("DELETE FROM events WHERE job_id = $1 AND type::text IN ('tested', 'succeeded')", [id]);
  await server.query('UPDATE attempts SET outcome = NULL, finished_at = NULL WHERE job_id = $1', [id]);
  await server.query(
    "UPDATE jobs SET state = 'running', token = 'lost', heartbeat_at = now(), finished_at = NULL WHERE id = $1",
    [id],
  );
  await server.query('COMMIT');
  await server.end();

  const state = async () => (await client.job(id)).attempt === 2;
  await eventually('the next attempt', state, 60_000);
  const job = await waitForEnd(client, id);
  expect(before.attempt).toBe(1);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 2, failure: null });
  expect(await client.results(id)).toEqual({ ...results, seconds: expect.any(Number) });
  // Not because of missed heartbeats, for which the job would have to wait.
  const failures = (await eventsOf(client, id)).filter(({ type }) => type === 'attemptFailed');
  expect(failures).toMatchObject([{ data: { message: expect.stringContaining('no longer runs') } }]);
});
