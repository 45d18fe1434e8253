import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { cannotMount, eventually, useSmallDisk } from '@trainyard/test-kit';
import { addStripes } from '@trainyard/test-kit/datasets';
import { epochsOf, longSpec, startEmbedded, waitForEnd, waitForFirstEpoch } from '@trainyard/test-kit/service';
import { expect, it, onTestFinished } from 'vitest';

it.skipIf(cannotMount)('no process of a stack ends when its disk is full, and its job goes on afterwards', async () => {
  const disk = await useSmallDisk('400m');
  // Postgres of a test run by root runs as another user.
  await chmod(disk.folder, 0o711);
  const datasetFile = await addStripes(join(disk.folder, 'datasets'));
  const stack = await startEmbedded({ folder: disk.folder, datasetFile, remove: async () => {} });
  onTestFinished(() => stack.stop());
  const { client, up } = stack;
  const { id } = await client.submit({ ...longSpec, epochs: 100 });
  await waitForFirstEpoch(client, id);
  const processes = up.children;
  const free = await disk.fill();
  await eventually('the end of readiness', async () => (await client.health()).checks.artifacts?.ok === false);
  const refused = async () => {
    const error: unknown = await client.submit(longSpec, { retries: 0 }).catch((problem: unknown) => problem);
    return (error as { problem?: { status: number } }).problem?.status;
  };
  // A few jobs may still find room in the database's files.
  expect(await eventually('a submission to be refused', refused)).toBe(503);
  await free();
  const job = await waitForEnd(client, id);
  expect(job).toMatchObject({ state: 'succeeded', failure: null });
  expect(await epochsOf(client, id)).toEqual(Array.from({ length: job.spec.epochs }, (_, index) => index + 1));
  expect(up.children).toEqual(processes);
  await eventually('readiness', async () => (await client.health()).ready);
});
