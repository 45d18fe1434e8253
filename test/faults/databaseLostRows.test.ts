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
