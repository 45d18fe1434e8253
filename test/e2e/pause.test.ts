import { eventually } from '@trainyard/test-kit';
import { expect, it } from 'vitest';
import { embed } from '../harness/embedded.js';
import { ended, inTheMiddleOf, outcomeOf, quickSpec, slowSpec } from '../harness/jobs.js';

it('a running job that is paused makes way for others, and when resumed ends with the same bits', async () => {
  const { client } = await embed();
  const spec = { ...slowSpec, seed: 5, maxAttempts: 1 };
  const { id } = await client.submit(spec);
  await inTheMiddleOf(client, id, 2);
  await client.pause(id);
  await eventually('the pause', async () => (await client.job(id)).state === 'paused');
  const other = await client.submit(quickSpec);
  expect(await ended(client, other.id)).toMatchObject({ state: 'succeeded' });
  expect(await client.job(id)).toMatchObject({ state: 'paused', terminal: false });

  await client.resume(id);
  expect(await ended(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  const undisturbed = await client.submit(spec);
  expect(await ended(client, undisturbed.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await outcomeOf(client, id)).toEqual(await outcomeOf(client, undisturbed.id));
});
