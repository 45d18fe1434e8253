import { rm } from 'node:fs/promises';
import path from 'node:path';
import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a worker without the dataset fails the job at once, with advice', async () => {
  const served = await useServed();
  const { id } = await served.client.submit(quickSpec);
  await rm(path.dirname(served.home.datasetFile), { recursive: true });
  const worker = await served.startWorker();
  const job = await waitForEnd(served.client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'dataset_missing' } });
  expect(job.failure?.message).toContain('trainyard dataset import');
  expect(worker.ended).toBe(false);
});
