import { eventually, type PostgresServer, redisUrl, startPostgres, startProxy } from '@trainyard/test-kit';
import { epochsOf, longSpec, quickSpec, useServed, waitForEnd, waitForFirstEpoch } from '@trainyard/test-kit/service';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';

async function useOwnPostgres(): Promise<PostgresServer> {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  return postgres;
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

it('a job whose row a silent session holds holds up no other job, and its cancellation is answered', async () => {
  const postgres = await useOwnPostgres();
  const served = await useServed({ postgres, redisUrl: await redisUrl() });
  const { client } = served;
  const workers = new Map<string, Awaited<ReturnType<typeof served.startWorker>>>();
  const ids: string[] = [];
  for (let i = 0; i < 2; i++) {
    const worker = await served.startWorker();
    const { id } = await client.submit({ ...longSpec, epochs: 400 });
    ids.push(id);
    workers.set(id, worker);
    await waitForFirstEpoch(client, id);
  }
  const [held, free] = ids as [string, string];
  const session = new pg.Client({ connectionString: postgres.url });
  await session.connect();
  await session.query('BEGIN');
  await session.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [held]);
  await workers.get(held)?.end('SIGKILL');
  await workers.get(free)?.end('SIGKILL');
  await served.startWorker();
  await eventually('the next attempt of the free job', async () => (await client.job(free)).attempt === 2, 60_000);
  expect(await client.job(held)).toMatchObject({ state: 'running', attempt: 1 });
  const refusal = await client.cancel(held).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ problem: { status: 503, code: 'unavailable' } });
  await session.end();
  await client.cancel(held);
  await client.cancel(free);
  for (const id of ids) expect((await waitForEnd(client, id)).state).toBe('cancelled');
});

describe.each([
  ['Postgres', async () => undefined],
  ['Redis', redisUrl],
])('with the queue in %s, a worker whose connections to Postgres the network has lost', (_where, queue) => {
  it('ends its job, or loses it to the next attempt, and takes other jobs', async () => {
    const postgres = await useOwnPostgres();
    const proxy = await startProxy(Number(new URL(postgres.url).port));
    onTestFinished(() => proxy.close());
    const served = await useServed({ postgres, redisUrl: await queue() });
    const { client } = served;
    await served.startWorker({ DATABASE_URL: proxy.through(postgres.url) });
    const { id } = await client.submit({ ...longSpec, epochs: 100 });
    await waitForFirstEpoch(client, id);
    expect(proxy.loseConnections()).toBeGreaterThan(0);
    const known = (await client.metrics(id)).length;
    await eventually('more epochs', async () => (await client.metrics(id)).length > known + 1, 90_000);
    expect((await waitForEnd(client, id)).state).toBe('succeeded');
    expect(await epochsOf(client, id)).toEqual(upTo(100));
    const next = await client.submit(quickSpec);
    expect((await waitForEnd(client, next.id)).state).toBe('succeeded');
  });
});
