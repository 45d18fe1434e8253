import { eventually } from '@trainyard/test-kit';
import { expect, it } from 'vitest';
import { embed } from '../harness/embedded.js';
import { ended, inTheMiddleOf, quickSpec, slowSpec } from '../harness/jobs.js';

it('a running job that is cancelled ends, keeps its epochs, and makes way for the next', async () => {
  const { client } = await embed();
  const { id } = await client.submit({ ...slowSpec, epochs: 500 });
  const next = await client.submit(quickSpec);
  await inTheMiddleOf(client, id, 2);
  const asked = performance.now();
  await client.cancel(id);
  const job = await eventually('the cancellation', async () => {
    const now = await client.job(id);
    return now.terminal ? now : null;
  });
  console.info(`cancelled after ${Math.round(performance.now() - asked)} ms`);
  expect(job).toMatchObject({ state: 'cancelled', failure: null });
  expect((await client.metrics(id)).length).toBeGreaterThan(0);
  expect(await ended(client, next.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
});

it('a cancelled job that is sent again goes on from its last checkpoint', async () => {
  const { client } = await embed();
  const { id } = await client.submit({ ...slowSpec, epochs: 4 });
  await inTheMiddleOf(client, id, 3);
  await client.cancel(id);
  await ended(client, id);
  await client.retry(id);
  expect(await ended(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect((await client.metrics(id)).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
});
