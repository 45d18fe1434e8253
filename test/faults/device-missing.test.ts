import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, makeHome } from '../harness/home.js';
import { ended, quickSpec } from '../harness/jobs.js';
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

it('a job that wants a GPU of a worker that may only use its CPU fails at once, with what to do', async () => {
  await served.startWorker({ TRAINYARD_EXECUTOR: 'native', TRAINYARD_DEVICE: 'cpu' });
  const { id } = await served.client.submit({ ...quickSpec, device: 'cuda' });
  const job = await ended(served.client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'device_unavailable' } });
  expect(job.failure?.message).toContain('"device": "auto"');
});
