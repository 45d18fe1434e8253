import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cannotMount, eventually, useSmallDisk } from '@trainyard/test-kit';
import {
  epochsOf,
  eventsOf,
  longSpec,
  quickSpec,
  type ServedStack,
  useServed,
  waitForEnd,
  waitForFirstEpoch,
} from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

const jobsOf = ({ client }: ServedStack, ids: string[]) => Promise.all(ids.map((id) => client.job(id)));

const attemptsFailed = async ({ client }: ServedStack, id: string) =>
  (await eventsOf(client, id)).filter(({ type }) => type === 'attemptFailed').length;

it('a worker whose artifacts folder cannot be created takes no job until it can', async () => {
  const served = await useServed();
  const { client, home } = served;
  const obstacle = path.join(home.folder, 'obstacle');
  await writeFile(obstacle, '');
  const worker = await served.startWorker({ ARTIFACTS_URL: path.join(obstacle, 'artifacts') });
  const line = JSON.parse(await worker.line(/this worker takes no jobs/));
  expect(line.reason).toMatch(/^ARTIFACTS_URL /);
  expect(line.reason).not.toContain(home.folder);
  await eventually('the list of workers to say so', async () => (await client.workers())[0]?.fault === line.reason);
  const ids = [(await client.submit(quickSpec)).id, (await client.submit(quickSpec)).id];
  // Long enough for several deliveries of both.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  for (const job of await jobsOf(served, ids)) expect(job).toMatchObject({ state: 'queued', attempt: 1 });
  await rm(obstacle);
  for (const id of ids) expect(await waitForEnd(client, id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(worker.lines.filter((text) => text.includes('this worker takes no jobs'))).toHaveLength(1);
});

it.skipIf(cannotMount)(
  'a worker whose artifacts become read-only fails no job, and goes on when they are not',
  async () => {
    const disk = await useSmallDisk('100m');
    const served = await useServed();
    const { client } = served;
    const worker = await served.startWorker({ ARTIFACTS_URL: disk.folder });
    const ids = [(await client.submit(longSpec)).id, (await client.submit(quickSpec)).id];
    await waitForFirstEpoch(client, ids[0] as string);
    await eventually('a moment without an open file', () => {
      try {
        disk.setReadOnly(true);
        return true;
      } catch {
        return false;
      }
    });
    await worker.line(/this worker takes no jobs/, 60_000);
    // The one that runs goes on in memory; none fails.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    const states = (await jobsOf(served, ids)).map(({ state }) => state);
    expect(['running', 'queued']).toContain(states[0]);
    expect(states[1]).toBe('queued');
    disk.setReadOnly(false);
    for (const id of ids) {
      const job = await waitForEnd(client, id);
      expect(job.state).toBe('succeeded');
      expect(await epochsOf(client, id)).toEqual(Array.from({ length: job.spec.epochs }, (_, index) => index + 1));
      expect(await attemptsFailed(served, id)).toBe(0);
    }
  },
);
