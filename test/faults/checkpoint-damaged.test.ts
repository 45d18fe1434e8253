import { readdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Home, makeHome } from '../harness/home.js';
import { ended, epochsOf, inTheMiddleOf, slowSpec } from '../harness/jobs.js';
import { Served } from '../harness/served.js';

let home: Home;
let served: Served;
beforeAll(async () => {
  home = await makeHome();
  served = await Served.start(home, null);
});
afterAll(async () => {
  await served?.stop();
  await home?.remove();
});

it('a job whose newest checkpoint is damaged goes on from the one before it', async () => {
  const { client } = served;
  const worker = await served.startWorker();
  const { id } = await client.submit(slowSpec);
  await inTheMiddleOf(client, id, 3);
  await worker.end('SIGTERM');
  const folder = path.join(home.folder, 'artifacts/jobs', id);
  const [newest] = (await readdir(folder)).filter((name) => !name.endsWith('-0')).sort();
  await truncate(path.join(folder, newest as string, 'state.safetensors'), 100);

  await served.startWorker();
  const job = await ended(client, id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(await epochsOf(client, id)).toEqual([1, 2, 3, 4]);
  expect((await readdir(folder)).some((name) => name.startsWith(`${newest}.damaged-`))).toBe(true);
});
