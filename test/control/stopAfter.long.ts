import { eventsOf, longSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it.each([
  ['seconds', { seconds: 3 }],
  ['cost', { cost: 0.02 }],
] as const)('a job ends at its limit of %s with the epoch, and is tested', async (reason, stopAfter) => {
  const served = await useServed();
  await served.startWorker({ TRAINYARD_COST_PER_HOUR: '24' });
  const { id } = await served.client.submit({ ...longSpec, epochs: 10_000, stopAfter });
  const job = await waitForEnd(served.client, id);
  expect(job).toMatchObject({ state: 'succeeded', stopped: reason });
  const epochs = await served.client.metrics(id);
  expect(epochs.length).toBeGreaterThanOrEqual(1);
  expect(job.trainingSeconds).toBeGreaterThanOrEqual(3);
  console.log(`${reason}: ${epochs.length} epochs, ${job.trainingSeconds} s, cost ${job.cost}`);
  expect(job.cost).toBeCloseTo((job.trainingSeconds * 24) / 3600, 9);
  expect((await eventsOf(served.client, id)).at(-1)).toMatchObject({ type: 'succeeded', data: { stopped: reason } });
});
