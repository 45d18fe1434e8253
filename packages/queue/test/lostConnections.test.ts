import { openQueue } from '@trainyard/queue';
import { eventually, startProxy, startRedis } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { entry, startConsumer, succeeds } from './backends.js';

test('after a network has lost all connections to Redis, new ones are opened and jobs are delivered', async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const proxy = await startProxy(Number(new URL(redis.url).port));
  onTestFinished(() => proxy.close());
  const queue = await openQueue({ redisUrl: proxy.through(redis.url), databaseUrl: null, onError: () => {} });
  onTestFinished(() => queue.close());
  const handled = startConsumer(queue);
  await queue.add(entry('job_1'));
  await eventually('the first', () => handled.includes('job_1'));

  proxy.loseConnections();
  await expect(queue.add(entry('job_2'))).rejects.toThrow();
  const add = () => succeeds(() => queue.add(entry('job_3')));
  await eventually('an add', add, 30_000);
  await eventually('the delivery', () => handled.includes('job_3'), 30_000);
}, 90_000);
