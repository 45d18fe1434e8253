import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type RedisServer, startRedis } from '@trainyard/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, makeHome } from '../harness/home.js';
import { ended, quickSpec } from '../harness/jobs.js';
import { Served } from '../harness/served.js';

let home: Home;
let redis: RedisServer;
let served: Served;
beforeAll(async () => {
  home = await makeHome();
  redis = await startRedis();
  served = await Served.start(home, redis.url);
});
afterAll(async () => {
  await served?.stop();
  await redis?.stop();
  await home?.remove();
});

it('ten jobs that wait while Redis is emptied all run, once each', async () => {
  const { client } = served;
  await served.startWorker();
  const spec = { ...quickSpec, epochs: 1 };
  const jobs = await Promise.all(Array.from({ length: 10 }, () => client.submit(spec)));
  await promisify(execFile)('redis-cli', ['-p', new URL(redis.url).port, 'FLUSHALL']);
  for (const { id } of jobs) {
    expect(await ended(client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await client.metrics(id)).toHaveLength(1);
  }
});
