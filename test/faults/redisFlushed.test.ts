import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startRedis } from '@trainyard/test-kit';
import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

it('ten waiting jobs all run once each after Redis was emptied', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const served = await useServed({ redisUrl: redis.url });
  await served.startWorker();
  const { client } = served;
  const spec = { ...quickSpec, epochs: 1 };
  const jobs = await Promise.all(Array.from({ length: 10 }, () => client.submit(spec)));
  await promisify(execFile)('redis-cli', ['-p', new URL(redis.url).port, 'FLUSHALL']);
  for (const { id } of jobs) {
    expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await client.metrics(id)).toHaveLength(1);
  }
});
