import { setTimeout as sleep } from 'node:timers/promises';
import { openQueue } from '@trainyard/queue';
import { eventually, startRedis } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { entry, startConsumer } from './backends.js';

test('a consumer whose fetches fail reports it once, tries again slowly, and reports the recovery', async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const errors: string[] = [];
  let recovered = 0;
  const onError = (error: Error) => void errors.push(error.message);
  const queue = await openQueue({ redisUrl: server.url, databaseUrl: null, onError, onRecovery: () => recovered++ });
  onTestFinished(() => queue.close());
  const handled = startConsumer(queue);

  await queue.add(entry('job_1'));
  await eventually('the first', () => handled.length === 1);
  // Another type than BullMQ's scripts expect: an error that is no lost connection.
  await server.command('SET', 'bull:trainyard:active', 'text');
  await server.command('ZADD', 'bull:trainyard:prioritized', '1', 'job_2-1');
  await server.command('ZADD', 'bull:trainyard:marker', '0', '0');
  await eventually('the error', () => errors.length > 0);
  const scripts = async () => Number(/evalsha:calls=(\d+)/.exec(await server.command('INFO', 'commandstats'))?.[1]);
  const before = await scripts();
  await sleep(5000);
  // A hundred and more a second without a pause.
  expect((await scripts()) - before).toBeLessThan(30);
  expect(errors).toEqual([expect.stringContaining('WRONGTYPE')]);

  await server.command('DEL', 'bull:trainyard:active', 'bull:trainyard:prioritized');
  await queue.add(entry('job_3'));
  await eventually('an entry afterwards', () => handled.includes('job_3'));
  await eventually('the recovery', () => recovered === 1, 40_000);
}, 60_000);
