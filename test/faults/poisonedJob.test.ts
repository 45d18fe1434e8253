import { setTimeout as sleep } from 'node:timers/promises';
import { eventsOf, longSpec, trainerPid, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a job whose trainer is killed in every attempt fails after maxAttempts with the reason', async () => {
  const served = await useServed();
  const { client } = served;
  const worker = await served.startWorker();
  const { id } = await client.submit({ ...longSpec, maxAttempts: 2 });
  for (const attempt of [1, 2]) process.kill(await trainerPid(worker, id, attempt), 'SIGKILL');
  const job = await waitForEnd(client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 2, failure: { code: 'trainer_crashed' } });
  expect(job.failure?.message).toContain('SIGKILL');
  const left = (await eventsOf(client, id)).flatMap(({ data }) => data.attemptsLeft ?? []);
  expect(left).toEqual([1, 0]);
  // Longer than the interval of the reconciler.
  await sleep(6000);
  expect(await client.job(id)).toMatchObject({ state: 'failed', attempt: 2 });
  expect(await client.queue()).toMatchObject({ waiting: 0, active: 0 });
  expect(worker.ended).toBe(false);
});
