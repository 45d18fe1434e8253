import { rm } from 'node:fs/promises';
import path from 'node:path';
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

it('a worker without the dataset fails the job at once and says what to do', async () => {
  const { id } = await served.client.submit(quickSpec);
  await rm(path.dirname(home.datasetFile), { recursive: true });
  const worker = await served.startWorker();
  const job = await ended(served.client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'dataset_missing' } });
  expect(job.failure?.message).toContain('trainyard dataset import');
  expect(worker.ended).toBe(false);
});
