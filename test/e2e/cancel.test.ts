import { eventually } from '@trainyard/test-kit';
import { quickSpec, slowSpec, useEmbedded, waitForEnd, waitForMiddleOfEpoch } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a running job that is cancelled ends and keeps its epochs, and the next job starts', async () => {
  const { client } = await useEmbedded();
  const { id } = await client.submit({ ...slowSpec, epochs: 500 });
  const next = await client.submit(quickSpec);
  await waitForMiddleOfEpoch(client, id, 2);
  const asked = performance.now();
  await client.cancel(id);
  const job = await eventually('the cancellation', async () => {
    const now = await client.job(id);
    return now.terminal ? now : null;
  });
  console.info(`cancelled after ${Math.round(performance.now() - asked)} ms`);
  expect(job).toMatchObject({ state: 'cancelled', failure: null });
  expect((await client.metrics(id)).length).toBeGreaterThan(0);
  expect(await waitForEnd(client, next.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
});

it('a cancelled job that is retried resumes from its last checkpoint', async () => {
  const { client } = await useEmbedded();
  const { id } = await client.submit({ ...slowSpec, epochs: 4 });
  await waitForMiddleOfEpoch(client, id, 3);
  await client.cancel(id);
  await waitForEnd(client, id);
  await client.retry(id);
  expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect((await client.metrics(id)).map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
});
