import { usableMemory } from '@trainyard/process';
import { eventually } from '@trainyard/test-kit';
import { longSpec, trainerPid, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

const spec = { ...longSpec, epochs: 10_000 };

it('of two jobs that train at once, one that is killed, paused or cancelled leaves the other alone', async () => {
  const served = await useServed();
  const { client } = served;
  const worker = await served.startWorker({ TRAINYARD_TRAINERS: '2', TRAINYARD_COST_PER_HOUR: '3' });
  const ids = [(await client.submit(spec)).id, (await client.submit(spec)).id] as const;
  const [first, second] = ids;
  const job = (id: string) => client.job(id);
  await eventually('both jobs in training', async () => {
    const jobs = await Promise.all(ids.map(job));
    return jobs.every(({ state, best }) => state === 'running' && best !== null);
  });
  const workers = await client.workers();
  expect(workers.map(({ jobId }) => jobId).toSorted()).toEqual(ids.toSorted());
  expect(new Set(workers.map(({ pid }) => pid))).toEqual(new Set([worker.pid]));
  const share = Math.floor(usableMemory() / 2);
  expect(workers.map(({ memoryBytes }) => memoryBytes)).toEqual([share, share]);
  expect(worker.lines.filter((line) => line.includes('"threads":1')).length).toBeGreaterThan(0);

  process.kill(await trainerPid(worker, first), 'SIGKILL');
  await eventually('the next attempt of the first job', async () => {
    const { attempt, state } = await job(first);
    return attempt === 2 && state === 'running';
  });
  await client.pause(first);
  await eventually('the pause', async () => (await job(first)).state === 'paused');
  const third = (await client.submit({ ...spec, epochs: 1 })).id;
  expect(await waitForEnd(client, third)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(await job(second)).toMatchObject({ state: 'running', attempt: 1 });

  await client.cancel(second);
  expect(await waitForEnd(client, second)).toMatchObject({ state: 'cancelled', attempt: 1 });
  await client.resume(first);
  await eventually('the third attempt', async () => (await job(first)).state === 'running');
  await worker.end('SIGTERM');
  expect(await job(first), 'handed back').toMatchObject({ state: 'queued' });
  expect(await client.workers()).toEqual([]);
});
