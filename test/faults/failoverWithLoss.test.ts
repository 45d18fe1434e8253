import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { eventually, startPostgres, startProxy, startStandby } from '@trainyard/test-kit';
import { epochsOf, eventsOf, longSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

const portOf = (url: string) => Number(new URL(url).port);

it('after a failover to a standby that lagged, a job goes on from what that has, without a hole', async () => {
  const primary = await startPostgres({ commits: 'written' });
  onTestFinished(() => primary.stop());
  const standby = await startStandby(primary);
  onTestFinished(() => standby.stop());
  const proxy = await startProxy(portOf(primary.url));
  onTestFinished(() => proxy.close());
  const served = await useServed({ postgres: { ...primary, url: proxy.through(primary.url) } });
  const { client, home } = served;
  await served.startWorker();
  const { id } = await client.submit({ ...longSpec, epochs: 80 });
  const epochs = async () => (await client.metrics(id)).length;
  await eventually('some epochs', async () => (await epochs()) > 3, 60_000);
  await standby.catchUp();
  standby.replication.blackHole = true;
  const known = await epochs();
  await eventually('epochs that the standby does not get', async () => (await epochs()) > known + 5, 60_000);

  proxy.target = portOf(standby.url);
  await primary.interrupt('immediate');
  const detail = async () => (await client.health()).checks.database?.detail?.includes('leads to a standby');
  await eventually('the standby to be named by /readyz', detail, 60_000);
  await standby.promote();

  const job = await waitForEnd(client, id);
  expect(job).toMatchObject({ state: 'succeeded', failure: null });
  expect(job.attempt).toBeGreaterThan(1);
  const all = await epochsOf(client, id);
  expect(all).toEqual(Array.from({ length: job.spec.epochs }, (_, index) => index + 1));
  expect(all).toContain(job.best?.epoch);
  const warnings = (await eventsOf(client, id)).filter(({ type }) => type === 'warning');
  // The second where the failover took longer than a worker may be silent.
  expect(['epochs_lost', 'stale_attempt']).toContain(warnings[0]?.data.code);
  const files = await readdir(path.join(home.folder, 'artifacts/jobs', id));
  expect(files).toHaveLength((await client.checkpoints(id)).length);
});
