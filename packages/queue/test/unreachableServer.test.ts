import { openQueue } from '@trainyard/queue';
import { eventually, startRedis } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { entry, startConsumer, succeeds } from './backends.js';

test('an add fails within seconds while Redis is unreachable, and works again afterwards', async () => {
  const first = await startRedis();
  const queue = await openQueue({ redisUrl: first.url, databaseUrl: null, onError: () => {} });
  onTestFinished(() => queue.close());
  const handled = startConsumer(queue);
  await queue.add(entry('job_1'));
  await eventually('the first', () => handled.length === 1);

  await first.stop();
  await eventually('the connection to be known as lost', async () =>
    queue.counts().then(
      () => false,
      () => true,
    ),
  );
  const before = Date.now();
  await expect(queue.add(entry('job_2'))).rejects.toThrow();
  expect(Date.now() - before).toBeLessThan(6000);

  const second = await startRedis({ port: Number(new URL(first.url).port) });
  // The server stops first: queue and consumer must close without it.
  onTestFinished(() => second.stop());
  await eventually('an add', () => succeeds(() => queue.add(entry('job_3'))));
  await eventually('the consumer to be back', () => handled.includes('job_3'));
});

test('a Redis that stops answering fails an add too', async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const queue = await openQueue({ redisUrl: server.url, databaseUrl: null, onError: () => {} });
  process.kill(server.pid, 'SIGSTOP');
  await expect(queue.add(entry('job_1'))).rejects.toThrow();
  process.kill(server.pid, 'SIGCONT');
  await queue.close();
});

test('a queue without any server is refused', async () => {
  await expect(openQueue({ redisUrl: null, databaseUrl: null })).rejects.toThrow('needs the URL');
});
