import { eventually, redisUrl } from '@trainyard/test-kit';
import {
  epochsOf,
  eventsOf,
  outcomeOf,
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
])('with the queue in %s, a trainer killed in mid-epoch', (_where, queue) => {
  it('costs the job an attempt, but no epoch and no change of its weights, and the worker goes on', async () => {
    const served = await useServed({ redisUrl: await queue() });
    const worker = await served.startWorker();
    const { client } = served;
    const spec = { ...slowSpec, seed: 5, checkpoint: { everySteps: 7 } };
    const { id } = await client.submit(spec);
    await waitForMiddleOfEpoch(client, id, 2);
    await eventually('a checkpoint within the epoch', async () =>
      (await client.checkpoints(id)).some(({ epoch, step }) => epoch === 1 && step > 0),
    );
    process.kill(await trainerPid(worker, id), 'SIGKILL');
    expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await epochsOf(client, id)).toEqual([1, 2, 3, 4]);
    const events = await eventsOf(client, id);
    const failed = events.find(({ type }) => type === 'attemptFailed');
    expect(failed?.data).toMatchObject({ code: 'trainer_crashed', message: expect.stringContaining('SIGKILL') });
    expect(events.findLast(({ type }) => type === 'started')?.data.resumedFromStep).toBeGreaterThan(0);
    expect(worker.ended).toBe(false);
    const undisturbed = await waitForEnd(client, (await client.submit(spec)).id);
    expect(undisturbed).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await outcomeOf(client, id)).toEqual(await outcomeOf(client, undisturbed.id));
  });
});
