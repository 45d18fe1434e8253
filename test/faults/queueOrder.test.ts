import type { TrainyardClient } from '@trainyard/client';
import type { Job } from '@trainyard/contracts';
import { eventually, redisUrl } from '@trainyard/test-kit';
import { longSpec, quickSpec, useServed, waitForEnd, waitForFirstEpoch } from '@trainyard/test-kit/service';
import { describe, expect, it } from 'vitest';

const layers = [{ type: 'globalAvgPool' as const }, { type: 'dense' as const, units: 10 }];
const tiny = { ...quickSpec, architecture: { layers }, recipe: null, epochs: 1 };

/** When the job's first attempt began. */
async function startOf(client: TrainyardClient, id: string): Promise<string> {
  return (await client.job(id)).startedAt ?? '';
}

describe.each([
  ['Redis', redisUrl],
  ['Postgres', async () => undefined],
])('with the queue in %s', (_, url) => {
  it('jobs run in the order of their positions, whatever happened to them meanwhile', async () => {
    const served = await useServed({ redisUrl: await url() });
    const { client } = served;
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) ids.push((await client.submit({ ...tiny, priority: (i * 7) % 3 })).id);
    for (const id of ids.slice(0, 8)) await client.pause(id);
    for (const id of ids.slice(0, 8).reverse()) await client.resume(id);
    const jobs = await Promise.all(ids.map((id) => client.job(id)));
    const positions = jobs.sort((a, b) => (a.queuePosition ?? 0) - (b.queuePosition ?? 0));
    expect(positions.map(({ queuePosition }) => queuePosition)).toEqual(ids.map((_id, i) => i));

    // The worker is stopped in the middle, and another goes on with the job that it has handed back.
    const worker = await served.startWorker();
    await waitForEnd(client, positions[8]?.id ?? '');
    expect(await worker.end('SIGTERM')).toBe(0);
    await served.startWorker();
    for (const id of ids) {
      const { state, progress } = await waitForEnd(client, id);
      expect({ state, ...progress }).toMatchObject({ state: 'succeeded', epoch: 1, fraction: 1, etaSeconds: 0 });
    }
    const starts = await Promise.all(positions.map(async ({ id }) => startOf(client, id)));
    expect(starts).toEqual([...starts].sort());
  });

  it('the job of a worker that is stopped is the next that runs, before 200 that wait', async () => {
    const served = await useServed({ redisUrl: await url() });
    const { client } = served;
    const worker = await served.startWorker();
    const { id } = await client.submit({ ...longSpec, epochs: 5000 });
    await waitForFirstEpoch(client, id);
    const waiting: string[] = [];
    for (let i = 0; i < 200; i++) waiting.push((await client.submit(tiny)).id);
    expect((await client.job(waiting.at(-1) ?? '')).queuePosition).toBe(199);
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(await client.job(id)).toMatchObject({ state: 'queued', queuePosition: 0, attempt: 2 });
    expect((await client.job(waiting.at(-1) ?? '')).queuePosition).toBe(200);

    await served.startWorker();
    const begun = (job: Job) => (job.state === 'running' ? job : null);
    const again = await eventually('the job to go on', async () => begun(await client.job(id)), 60_000);
    expect(again).toMatchObject({ attempt: 2, queuePosition: null });
    const starts = await Promise.all(waiting.slice(0, 5).map((other) => startOf(client, other)));
    expect(starts).toEqual(['', '', '', '', '']);
  });
});
