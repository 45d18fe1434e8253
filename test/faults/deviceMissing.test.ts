import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a job that requires a GPU fails at once on a worker that is limited to its CPU, with advice', async () => {
  const served = await useServed();
  await served.startWorker({ TRAINYARD_EXECUTOR: 'native', TRAINYARD_DEVICE: 'cpu' });
  const { id } = await served.client.submit({ ...quickSpec, device: 'cuda' });
  const job = await waitForEnd(served.client, id);
  expect(job).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'device_unavailable' } });
  expect(job.failure?.message).toContain('"device": "auto"');
});
