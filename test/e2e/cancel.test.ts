import { eventually } from '@trainyard/test-kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Embedded, startEmbedded } from '../harness/embedded.js';
import { type Home, makeHome } from '../harness/home.js';
import { ended, inTheMiddleOf, quickSpec, slowSpec } from '../harness/jobs.js';

let home: Home;
let yard: Embedded;
beforeAll(async () => {
  home = await makeHome();
  yard = await startEmbedded(home);
});
afterAll(async () => {
  await yard?.stop();
  await home?.remove();
});

it('a running job that is cancelled ends, keeps its epochs, and makes way for the next', async () => {
  const { id } = await yard.client.submit({ ...slowSpec, epochs: 500 });
  const next = await yard.client.submit(quickSpec);
  await inTheMiddleOf(yard.client, id, 2);
  const asked = performance.now();
  await yard.client.cancel(id);
  const job = await eventually('the cancellation', async () => {
    const now = await yard.client.job(id);
    return now.terminal ? now : null;
  });
  console.info(`cancelled after ${Math.round(performance.now() - asked)} ms`);
  expect(job).toMatchObject({ state: 'cancelled', failure: null });
  expect((await yard.client.metrics(id)).length).toBeGreaterThan(0);
  expect(await ended(yard.client, next.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
});

it('a cancelled job that is sent again goes on from its last checkpoint', async () => {
  const { id } = await yard.client.submit({ ...slowSpec, epochs: 4 });
  await inTheMiddleOf(yard.client, id, 3);
  await yard.client.cancel(id);
  await ended(yard.client, id);
  await yard.client.retry(id);
  expect(await ended(yard.client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect((await yard.client.metrics(id)).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
});
