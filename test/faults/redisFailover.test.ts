import { eventually, startProxy, startRedis } from '@trainyard/test-kit';
import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

const password = 'hidden-from-logs';
const spec = { ...quickSpec, epochs: 1 };

const start = async (...flags: string[]) => {
  const server = await startRedis({ flags });
  onTestFinished(() => server.stop());
  return server;
};

it('jobs that are submitted after a Redis failover run without a restart', async () => {
  const [first, second] = [await start(), await start()];
  const proxy = await startProxy(first.port);
  onTestFinished(() => proxy.close());
  const served = await useServed({ redisUrl: proxy.through(first.url) });
  await served.startWorker();
  const { client } = served;
  const run = async () => waitForEnd(client, (await client.submit(spec)).id);
  expect(await run()).toMatchObject({ state: 'succeeded' });
  await first.failOverTo(second, proxy);
  expect(await run()).toMatchObject({ state: 'succeeded', attempt: 1 });
  await eventually('readiness', async () => (await client.health()).ready);
});

it('a password that Redis refuses from now on is not in any log, and the refusal is logged once', async () => {
  const redis = await start();
  await redis.command('ACL', 'SETUSER', 'queue', 'on', `>${password}`, '~*', '+@all');
  const served = await useServed({ redisUrl: redis.url.replace('redis://', `redis://queue:${password}@`) });
  const worker = await served.startWorker();
  const { client } = served;
  const processes = [served.api, worker];
  const refusals = (lines: string[]) => lines.filter((line) => line.includes('WRONGPASS'));

  await redis.command('ACL', 'SETUSER', 'queue', 'resetpass', '>another');
  await redis.command('CLIENT', 'KILL', 'USER', 'queue');
  const { id } = await client.submit(spec);
  await eventually('the refusals', () => processes.every(({ lines }) => refusals(lines).length > 0));
  await eventually('the probe', async () => !(await client.health()).ready);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  expect(refusals(worker.lines).length).toBeLessThan(4);

  await redis.command('ACL', 'SETUSER', 'queue', `>${password}`);
  expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded' });
  const output = processes.flatMap(({ lines }) => lines).join('\n');
  expect(output).toContain('WRONGPASS');
  expect(output).not.toContain(password);
  expect(output.length).toBeLessThan(60_000);
});
