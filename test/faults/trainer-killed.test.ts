import { redisUrl } from '@trainyard/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome } from '../harness/home.js';
import { ended, epochsOf, inTheMiddleOf, quickSpec, slowSpec, trainerPid } from '../harness/jobs.js';
import { Served } from '../harness/served.js';

describe.each([
  ['Postgres', async () => null],
  ['Redis', redisUrl],
])('with the queue in %s, a trainer killed in mid-epoch', (_where, queue) => {
  let home: Home;
  let served: Served;
  beforeEach(async () => {
    home = await makeHome();
    served = await Served.start(home, await queue());
  });
  afterEach(async () => {
    await served?.stop();
    await home?.remove();
  });

  it('costs the job an attempt and no epoch, and the worker lives on', async () => {
    const worker = await served.startWorker();
    const { client } = served;
    const { id } = await client.submit(slowSpec);
    await inTheMiddleOf(client, id, 2);
    process.kill(await trainerPid(worker, id), 'SIGKILL');
    expect(await ended(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await epochsOf(client, id)).toEqual([1, 2, 3, 4]);
    const failed = (await history(served, id)).find(({ type }) => type === 'attemptFailed');
    expect(failed?.data).toMatchObject({ code: 'trainer_crashed', message: expect.stringContaining('SIGKILL') });
    expect(worker.ended).toBe(false);
    expect(await ended(client, (await client.submit(quickSpec)).id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });
});

async function history({ client }: Served, id: string) {
  const events = [];
  for await (const event of client.events(id)) events.push(event);
  return events;
}
