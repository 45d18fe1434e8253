import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { heldMessages } from '@trainyard/contracts';
import { eventually, type PostgresServer, startPostgres } from '@trainyard/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, makeHome } from '../harness/home.js';
import { ended, epochsOf, firstEpochOf, inTheMiddleOf, longSpec, slowSpec } from '../harness/jobs.js';
import type { NodeProcess } from '../harness/processes.js';
import { Served } from '../harness/served.js';

let home: Home;
let postgres: PostgresServer;
let served: Served;
let worker: NodeProcess;
beforeAll(async () => {
  home = await makeHome();
  postgres = await startPostgres({ commits: 'written' });
  served = await Served.start(home, null, postgres);
  worker = await served.startWorker();
});
afterAll(async () => {
  await served?.stop();
  await postgres?.stop();
  await home?.remove();
});

it('a Postgres that goes away in mid-training costs no epoch and no attempt, and the service says what is missing', async () => {
  const { client } = served;
  const spec = { ...slowSpec, epochs: 3 };
  const { id } = await client.submit(spec);
  await inTheMiddleOf(client, id, 1);
  await postgres.goAway('immediate');
  await eventually('a word of what is missing', async () => !(await client.health()).checks.database?.ok);
  for (const call of [() => client.job(id), () => client.submit(spec)]) {
    const refusal = await call().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ problem: { status: 503, code: 'unavailable' } });
  }
  // The epoch that was under way is over, and nobody could be told.
  await worker.line(/a write failed and is tried again/, 60_000);
  await postgres.comeBack();
  expect(await ended(client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await epochsOf(client, id)).toEqual([1, 2, 3]);
  expect(await client.health()).toMatchObject({ ready: true });
});

it('a worker holds so many epochs and no more while Postgres is away, and writes them all when it is back', async () => {
  const { client } = served;
  const { id } = await client.submit({ ...longSpec, epochs: 60 });
  await firstEpochOf(client, id);
  await postgres.goAway('fast');
  const staging = path.join(home.folder, 'artifacts/staging', id);
  const held = async () =>
    (await readdir(staging, { recursive: true })).filter((name) => name.endsWith('manifest.json'));
  let before = -1;
  const most = await eventually('the trainer to wait', async () => {
    await sleep(2000);
    const now = (await held()).length;
    if (now > 0 && now === before) return now;
    before = now;
  });
  expect(most).toBeLessThanOrEqual(heldMessages.most + 1);
  await postgres.comeBack();
  expect(await ended(client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await epochsOf(client, id)).toHaveLength(60);
});
