import { eventually } from '@trainyard/test-kit';
import {
  outcomeOf,
  quickSpec,
  slowSpec,
  useEmbedded,
  waitForEnd,
  waitForMiddleOfEpoch,
} from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a paused job lets others run, and ends with the same weights when it is resumed', async () => {
  const { client } = await useEmbedded();
  const spec = { ...slowSpec, seed: 5, maxAttempts: 1 };
  const { id } = await client.submit(spec);
  await waitForMiddleOfEpoch(client, id, 2);
  await client.pause(id);
  await eventually('the pause', async () => (await client.job(id)).state === 'paused');
  const other = await client.submit(quickSpec);
  expect(await waitForEnd(client, other.id)).toMatchObject({ state: 'succeeded' });
  expect(await client.job(id)).toMatchObject({ state: 'paused', terminal: false });

  await client.resume(id);
  expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  const undisturbed = await client.submit(spec);
  expect(await waitForEnd(client, undisturbed.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await outcomeOf(client, id)).toEqual(await outcomeOf(client, undisturbed.id));
});
