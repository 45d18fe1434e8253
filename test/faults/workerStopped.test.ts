import {
  epochsOf,
  outcomeOf,
  slowSpec,
  useServed,
  waitForEnd,
  waitForMiddleOfEpoch,
} from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a worker hands its job back on SIGTERM with a checkpoint, and another ends with the same weights', async () => {
  const served = await useServed();
  const { client } = served;
  const worker = await served.startWorker();
  const spec = { ...slowSpec, seed: 5, maxAttempts: 1 };
  const { id } = await client.submit(spec);
  await waitForMiddleOfEpoch(client, id, 2);
  expect(await worker.end('SIGTERM')).toBe(0);
  expect(await client.job(id)).toMatchObject({ state: 'queued', attempt: 2 });
  const [newest] = (await client.checkpoints(id)).sort((a, b) => b.epoch - a.epoch || b.step - a.step);
  expect(newest?.step).toBeGreaterThan(0);

  await served.startWorker();
  // maxAttempts is 1: handing a job back does not count as a failure.
  expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(await epochsOf(client, id)).toEqual([1, 2, 3, 4]);

  const undisturbed = await waitForEnd(client, (await client.submit(spec)).id);
  expect(await outcomeOf(client, id)).toEqual(await outcomeOf(client, undisturbed.id));
});
