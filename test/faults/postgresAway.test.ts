import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { unhandledMessages } from '@trainyard/contracts';
import { eventually, type PostgresServer, startPostgres } from '@trainyard/test-kit';
import {
  epochsOf,
  longSpec,
  type NodeProcess,
  type ServedStack,
  slowSpec,
  useServed,
  waitForEnd,
  waitForFirstEpoch,
  waitForMiddleOfEpoch,
} from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

async function useServedOnOwnPostgres(): Promise<{
  served: ServedStack;
  postgres: PostgresServer;
  worker: NodeProcess;
}> {
  const postgres = await startPostgres({ commits: 'written' });
  onTestFinished(() => postgres.stop());
  const served = await useServed({ postgres });
  return { served, postgres, worker: await served.startWorker() };
}

it('a job loses no epoch and no attempt when Postgres stops, and /healthz names the database', async () => {
  const { served, postgres, worker } = await useServedOnOwnPostgres();
  const { client } = served;
  const spec = { ...slowSpec, epochs: 3 };
  const { id } = await client.submit(spec);
  await waitForMiddleOfEpoch(client, id, 1);
  await postgres.interrupt('immediate');
  await eventually('/healthz to report the database', async () => !(await client.health()).checks.database?.ok);
  for (const call of [() => client.job(id), () => client.submit(spec)]) {
    const refusal = await call().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ problem: { status: 503, code: 'unavailable' } });
  }
  // The running epoch has ended, and could not be stored.
  await worker.line(/database write failed; retrying/, 60_000);
  await postgres.restart();
  expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await epochsOf(client, id)).toEqual([1, 2, 3]);
  expect(await client.health()).toMatchObject({ ready: true });
});

it('a worker holds a limited number of epochs while Postgres is away, and then writes them all', async () => {
  const { served, postgres } = await useServedOnOwnPostgres();
  const { client, home } = served;
  const { id } = await client.submit({ ...longSpec, epochs: 60 });
  await waitForFirstEpoch(client, id);
  await postgres.interrupt('fast');
  const staging = path.join(home.folder, 'artifacts/staging', id);
  const stagedCheckpoints = async () =>
    (await readdir(staging, { recursive: true })).filter((name) => name.endsWith('manifest.json'));
  let before = -1;
  const most = await eventually('the trainer to wait', async () => {
    await sleep(2000);
    const now = (await stagedCheckpoints()).length;
    if (now > 0 && now === before) return now;
    before = now;
  });
  expect(most).toBeLessThanOrEqual(unhandledMessages.max + 1);
  await postgres.restart();
  expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await epochsOf(client, id)).toHaveLength(60);
});
