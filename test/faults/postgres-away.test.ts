import { eventually, type PostgresServer, startPostgres } from '@trainyard/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, makeHome } from '../harness/home.js';
import { ended, epochsOf, inTheMiddleOf, slowSpec } from '../harness/jobs.js';
import { Served } from '../harness/served.js';

let home: Home;
let postgres: PostgresServer;
let served: Served;
beforeAll(async () => {
  home = await makeHome();
  postgres = await startPostgres({ commits: 'written' });
  served = await Served.start(home, null, postgres);
});
afterAll(async () => {
  await served?.stop();
  await postgres?.stop();
  await home?.remove();
});

it('a Postgres that goes away in mid-training costs no epoch and no attempt, and the service says what is missing', async () => {
  const { client } = served;
  const worker = await served.startWorker();
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
