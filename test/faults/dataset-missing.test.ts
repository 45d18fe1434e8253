import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ended, quickSpec } from '../harness/jobs.js';
import { serve } from '../harness/served.js';

it('a worker without the dataset fails the job at once and says what to do', async () => {
  const served = await serve();
  const { id } = await served.client.submit(quickSpec);
  await rm(path.dirname(served.home.datasetFile), { recursive: true });
  const worker = await served.startWorker();
  const job = await ended(served.client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'dataset_missing' } });
  expect(job.failure?.message).toContain('trainyard dataset import');
  expect(worker.ended).toBe(false);
});
