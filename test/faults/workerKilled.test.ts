import { eventually, redisUrl } from '@trainyard/test-kit';
import {
  epochsOf,
  isAlive,
  slowSpec,
  trainerPid,
  useServed,
  waitForEnd,
  waitForMiddleOfEpoch,
} from '@trainyard/test-kit/service';
import { describe, expect, it } from 'vitest';

describe.each([
  ['Postgres', async () => undefined],
  ['Redis', redisUrl],
])('with the queue in %s, a worker killed in mid-epoch', (_where, queue) => {
  it('ends its trainer too, and another worker finishes the job', async () => {
    const served = await useServed({ redisUrl: await queue() });
    const worker = await served.startWorker();
    const { client } = served;
    const { id } = await client.submit(slowSpec);
    await waitForMiddleOfEpoch(client, id, 2);
    const trainer = await trainerPid(worker, id);
    await worker.end('SIGKILL');
    await served.startWorker();
    await eventually('the end of the orphaned trainer', () => !isAlive(trainer));
    expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await epochsOf(client, id)).toEqual([1, 2, 3, 4]);
  });
});
