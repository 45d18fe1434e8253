import { openQueue } from '@trainyard/queue';
import { eventually, startProxy, startRedis } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';

test('after a network has lost all connections to Redis, new ones are opened and jobs are delivered', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const proxy = await startProxy(Number(new URL(redis.url).port));
  onTestFinished(() => proxy.close());
  const queue = await openQueue({ redisUrl: proxy.through(redis.url), databaseUrl: null, onError: () => {} });
  onTestFinished(() => queue.close());
  const handled: string[] = [];
  const consumer = queue.consume(async ({ jobId }) => void handled.push(jobId), { concurrency: 1 });
  onTestFinished(() => consumer.close());
  await queue.add([{ jobId: 'job_1', attempt: 1, priority: 0 }]);
  await eventually('the first', () => handled.includes('job_1'));

  proxy.loseConnections();
  await expect(queue.add([{ jobId: 'job_2', attempt: 1, priority: 0 }])).rejects.toThrow();
  const add = () =>
    queue.add([{ jobId: 'job_3', attempt: 1, priority: 0 }]).then(
      () => true,
      () => false,
    );
  await eventually('an add', add, 30_000);
  await eventually('the delivery', () => handled.includes('job_3'), 30_000);
}, 90_000);
