import { readdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { epochsOf, slowSpec, useServed, waitForEnd, waitForMiddleOfEpoch } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a job whose newest checkpoint is damaged resumes from the one before', async () => {
  const served = await useServed();
  const { client, home } = served;
  const worker = await served.startWorker();
  const { id } = await client.submit(slowSpec);
  await waitForMiddleOfEpoch(client, id, 3);
  await worker.end('SIGTERM');
  const folder = path.join(home.folder, 'artifacts/jobs', id);
  const [newest] = (await readdir(folder)).filter((name) => !name.endsWith('-0')).sort();
  await truncate(path.join(folder, newest as string, 'state.safetensors'), 100);

  await served.startWorker();
  const job = await waitForEnd(client, id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(await epochsOf(client, id)).toEqual([1, 2, 3, 4]);
  expect((await readdir(folder)).some((name) => name.startsWith(`${newest}.damaged-`))).toBe(true);
});
