import { expect, it } from 'vitest';
import { ended, quickSpec } from '../harness/jobs.js';
import { serve } from '../harness/served.js';

it('a job that wants a GPU of a worker that may only use its CPU fails at once, with what to do', async () => {
  const served = await serve();
  await served.startWorker({ TRAINYARD_EXECUTOR: 'native', TRAINYARD_DEVICE: 'cpu' });
  const { id } = await served.client.submit({ ...quickSpec, device: 'cuda' });
  const job = await ended(served.client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'device_unavailable' } });
  expect(job.failure?.message).toContain('"device": "auto"');
});
