import { TrainyardClient } from '@trainyard/client';
import { redisUrl } from '@trainyard/test-kit';
import { quickSpec, readCredentials, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

const layers = [{ type: 'globalAvgPool' as const }, { type: 'dense' as const, units: 10 }];
const tiny = { ...quickSpec, architecture: { layers }, recipe: null, epochs: 1 };
const count = 200;

it.each([
  ['Redis', redisUrl],
  ['Postgres', async () => undefined],
])('of the first 100 started jobs 75 are of the project of weight 3, with the queue in %s', async (name, url) => {
  const served = await useServed({ redisUrl: await url() });
  const admin = served.client;
  const { url: baseUrl } = await readCredentials(served.home.folder);
  const clientOf = async (project: string) =>
    new TrainyardClient({ baseUrl, apiKey: (await admin.createKey({ name: project, project })).secret });
  const [large, small] = [await clientOf('large'), await clientOf('small')];
  await admin.setProject('large', { weight: 3 });
  const submit = (client: TrainyardClient) =>
    Promise.all(Array.from({ length: count }, async () => (await client.submit(tiny)).id));
  const ofSmall = await submit(small);
  const ofLarge = await submit(large);
  await Promise.all([served.startWorker(), served.startWorker()]);
  await waitForEnd(small, ofSmall.at(40) ?? '', 1_200_000);
  const starts: { id: string; at: string }[] = [];
  for (const client of [small, large])
    for await (const { id, startedAt } of client.allJobs({ limit: 500 }))
      if (startedAt) starts.push({ id, at: startedAt });
  const first = starts.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(0, 100);
  const share = first.filter(({ id }) => ofLarge.includes(id)).length;
  console.log(`queue in ${name}: ${share} of the first 100 started jobs are of the project of weight 3`);
  expect(first).toHaveLength(100);
  expect(share).toBeGreaterThanOrEqual(72);
  expect(share).toBeLessThanOrEqual(78);
});
