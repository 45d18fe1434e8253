import { eventually, redisUrl } from '@trainyard/test-kit';
import { describe, expect, it } from 'vitest';
import { ended, epochsOf, eventsOf, inTheMiddleOf, outcomeOf, slowSpec, trainerPid } from '../harness/jobs.js';
import { serve } from '../harness/served.js';

describe.each([
  ['Postgres', async () => undefined],
  ['Redis', redisUrl],
])('with the queue in %s, a trainer killed in mid-epoch', (_where, queue) => {
  it('costs the job an attempt, no epoch and no bit, and the worker lives on', async () => {
    const served = await serve({ redisUrl: await queue() });
    const worker = await served.startWorker();
    const { client } = served;
    const spec = { ...slowSpec, seed: 5, checkpoint: { everySteps: 7 } };
    const { id } = await client.submit(spec);
    await inTheMiddleOf(client, id, 2);
    await eventually('a checkpoint within the epoch', async () =>
      (await client.checkpoints(id)).some(({ epoch, step }) => epoch === 1 && step > 0),
    );
    process.kill(await trainerPid(worker, id), 'SIGKILL');
    expect(await ended(client, id)).toMatchObject({ state: 'succeeded', attempt: 2 });
    expect(await epochsOf(client, id)).toEqual([1, 2, 3, 4]);
    const events = await eventsOf(client, id);
    const failed = events.find(({ type }) => type === 'attemptFailed');
    expect(failed?.data).toMatchObject({ code: 'trainer_crashed', message: expect.stringContaining('SIGKILL') });
    expect(events.findLast(({ type }) => type === 'started')?.data.resumedFromStep).toBeGreaterThan(0);
    expect(worker.ended).toBe(false);
    const undisturbed = await ended(client, (await client.submit(spec)).id);
    expect(undisturbed).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await outcomeOf(client, id)).toEqual(await outcomeOf(client, undisturbed.id));
  });
});
