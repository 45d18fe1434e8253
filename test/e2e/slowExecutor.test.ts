import type { JobEvent } from '@trainyard/contracts';
import { eventually } from '@trainyard/test-kit';
import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a job on a slow executor has a warning event with advice', async () => {
  const served = await useServed();
  const { client } = served;
  await served.startWorker({ TRAINYARD_EXECUTOR: 'tfjs' });
  const { id } = await client.submit(quickSpec);
  const warning = await eventually(
    `a warning of ${id}`,
    async () => {
      const events: JobEvent[] = [];
      for await (const event of client.eventsSoFar(id)) events.push(event);
      return events.find(({ type }) => type === 'warning');
    },
    60_000,
  );
  expect(warning.data).toMatchObject({ code: 'slow_executor', message: expect.stringContaining('TRAINYARD_EXECUTOR') });
  await client.cancel(id);
  expect((await waitForEnd(client, id)).state).toBe('cancelled');
});
