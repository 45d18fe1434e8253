import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, makeHome } from '../harness/home.js';
import { ended, eventsOf, longSpec, trainerPid } from '../harness/jobs.js';
import { Served } from '../harness/served.js';

let home: Home;
let served: Served;
beforeAll(async () => {
  home = await makeHome();
  served = await Served.start(home, null);
});
afterAll(async () => {
  await served?.stop();
  await home?.remove();
});

it('a job whose trainer dies at every attempt fails after maxAttempts, with the reason, and is not tried again', async () => {
  const { client } = served;
  const worker = await served.startWorker();
  const { id } = await client.submit({ ...longSpec, maxAttempts: 2 });
  for (const attempt of [1, 2]) process.kill(await trainerPid(worker, id, attempt), 'SIGKILL');
  const job = await ended(client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 2, failure: { code: 'trainer_crashed' } });
  expect(job.failure?.message).toContain('SIGKILL');
  const left = (await eventsOf(client, id)).flatMap(({ data }) => data.attemptsLeft ?? []);
  expect(left).toEqual([1, 0]);
  // Longer than the reconciler needs for a turn.
  await sleep(6000);
  expect(await client.job(id)).toMatchObject({ state: 'failed', attempt: 2 });
  expect(await client.queue()).toMatchObject({ waiting: 0, active: 0 });
  expect(worker.ended).toBe(false);
});
