import type { JobEvent } from '@trainyard/contracts';
import { eventually } from '@trainyard/test-kit';
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
  await served.stop();
  await home.remove();
});

it('a job on a slow executor has a warning among its events that says what to do', async () => {
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
  expect((await ended(client, id)).state).toBe('cancelled');
});
