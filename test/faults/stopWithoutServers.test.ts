import { eventually, startPostgres, startRedis } from '@trainyard/test-kit';
import { longSpec, useServed, waitForFirstEpoch } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

it('API and worker shut down on SIGTERM, also while Postgres and Redis are away and a job runs', async () => {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  onTestFinished(() => postgres.stop());
  const served = await useServed({ redisUrl: redis.url, postgres });
  const worker = await served.startWorker();
  const { id } = await served.client.submit(longSpec);
  await waitForFirstEpoch(served.client, id);
  await Promise.all([postgres.interrupt('immediate'), redis.stop()]);
  for (const each of [worker, served.api]) each.signal('SIGTERM');
  for (const each of [worker, served.api]) await eventually('the end of a process', () => each.ended, 30_000);
  expect(worker.lines.join('\n')).not.toMatch(/unhandled|uncaught/i);
});
