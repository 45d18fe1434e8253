import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue } from '@trainyard/queue';
import { eventually, startPostgres, startProxy, startRedis } from '@trainyard/test-kit';
import pg from 'pg';
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

test('after an error, a consumer gets the entries of which a lost connection does not notify it', async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const admin = async (statement: string) => {
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await admin("CREATE ROLE consumer LOGIN PASSWORD 'secret'");
  await admin('GRANT CREATE ON DATABASE postgres TO consumer');
  const proxy = await startProxy(Number(new URL(server.url).port));
  const open = async (databaseUrl: string) => {
    const queue = await openQueue({ redisUrl: null, databaseUrl, onError: () => {} });
    onTestFinished(() => queue.close());
    return queue;
  };
  const url = new URL(proxy.through(server.url));
  url.username = 'consumer';
  url.password = 'secret';
  const handled = startConsumer(await open(url.href));
  const producer = await open(server.url);
  // First of all: over connections that are lost, nothing can be closed in order.
  onTestFinished(() => proxy.close());
  await producer.add(entry('job_1'));
  await eventually('the first', () => handled.includes('job_1'));

  // For some seconds it cannot listen for notifications, and afterwards it listens over a connection that gets lost.
  await admin('ALTER ROLE consumer CONNECTION LIMIT 1');
  const listens = "usename = 'consumer' AND query LIKE '%LISTEN bullmq_jobs%'";
  await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${listens}`);
  await sleep(12_000);
  await admin('ALTER ROLE consumer CONNECTION LIMIT -1');
  await sleep(8000);
  proxy.loseConnections();
  await producer.add(entry('job_2'));
  await eventually('the second', () => handled.includes('job_2'), 40_000);
}, 120_000);
