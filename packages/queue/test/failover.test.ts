import { type JobQueue, openQueue } from '@trainyard/queue';
import { eventually, startProxy, startRedis } from '@trainyard/test-kit';
import { onTestFinished, test } from 'vitest';
import { entry, startConsumer, succeeds } from './backends.js';

const start = async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  return server;
};

const add = (queue: JobQueue, jobId: string) => eventually('an add', () => succeeds(() => queue.add(entry(jobId))));

test('after a failover that keeps the old connections, entries are added and delivered without a restart', async () => {
  const [first, second] = [await start(), await start()];
  const proxy = await startProxy(first.port);
  onTestFinished(() => proxy.close());
  const url = `redis://127.0.0.1:${proxy.port}`;
  const queue = await openQueue({ redisUrl: url, databaseUrl: null, onError: () => {} });
  onTestFinished(() => queue.close());
  const handled = startConsumer(queue);
  await queue.add(entry('job_1'));
  await eventually('the first', () => handled.includes('job_1'));

  await first.failOverTo(second, proxy);
  await add(queue, 'job_2');
  await eventually('an entry after the failover', () => handled.includes('job_2'));

  await second.failOverTo(first, proxy);
  await add(queue, 'job_3');
  await eventually('an entry after the second failover', () => handled.includes('job_3'));
});

test('the check fails on a replica and on a full server, and succeeds again afterwards', async () => {
  const server = await start();
  const queue = await openQueue({ redisUrl: server.url, databaseUrl: null, onError: () => {} });
  onTestFinished(() => queue.close());
  await queue.checkWritable();
  const fails = (text: string) =>
    queue.checkWritable().then(
      () => false,
      (error: Error) => error.message.includes(text),
    );

  await server.command('REPLICAOF', '127.0.0.1', '1');
  await eventually('a failed check', () => fails('REDIS_URL leads to a replica'));
  await server.command('REPLICAOF', 'NO', 'ONE');
  await eventually('the primary', () => succeeds(() => queue.checkWritable()));

  await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
  await eventually('a failed check', () => fails('REDIS_URL leads to a Redis whose memory is full'));
  await server.command('CONFIG', 'SET', 'maxmemory', '0');
  await queue.checkWritable();
});
