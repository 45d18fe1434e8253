import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '@trainyard/test-kit';
import {
  epochsOf,
  eventsOf,
  isAlive,
  longSpec,
  trainerPid,
  useServed,
  waitForEnd,
  waitForFirstEpoch,
} from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

it('a worker that continues after it lost its job stops its trainer, writes nothing, and adds a warning', async () => {
  const served = await useServed();
  const { client, home } = served;
  const frozen = await served.startWorker();
  const { id } = await client.submit(longSpec);
  const trainer = await trainerPid(frozen, id);
  await waitForFirstEpoch(client, id);
  frozen.signal('SIGSTOP');
  await served.startWorker();
  await eventually('the next attempt', async () => (await client.job(id)).attempt === 2, 60_000);
  frozen.signal('SIGCONT');

  await eventually('the end of the trainer', () => !isAlive(trainer));
  const job = await waitForEnd(client, id);
  expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
  expect(await epochsOf(client, id)).toEqual(Array.from({ length: job.spec.epochs }, (_, index) => index + 1));
  const warnings = (await eventsOf(client, id)).filter(({ type }) => type === 'warning');
  expect(warnings.map(({ data }) => data.code)).toEqual(['stale_attempt']);
  const files = await readdir(path.join(home.folder, 'artifacts/jobs', id));
  expect(files).toHaveLength((await client.checkpoints(id)).length);
  expect(frozen.ended).toBe(false);
});
