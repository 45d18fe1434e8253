import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

/** Networks and lengths that take turns; two jobs of each are similar. */
const specs = [
  { ...quickSpec, epochs: 2 },
  { ...quickSpec, epochs: 5 },
  { ...quickSpec, batchSize: 50, epochs: 3 },
];

it('of 30 jobs after the first 18, at least 70 % start and run within their forecasts', async () => {
  const served = await useServed();
  const { client } = served;
  await served.startWorker();
  /** Submits jobs in groups, as people do, each after the group before has ended. @returns their ids */
  const train = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    while (ids.length < count) {
      const group = [];
      for (let i = 0; i < 6; i++) group.push(await client.submit(specs[i % specs.length] ?? quickSpec));
      for (const { id } of group) await waitForEnd(client, id);
      ids.push(...group.map(({ id }) => id));
    }
    return ids;
  };
  await train(18);
  const right = { start: 0, run: 0 };
  const heldOut = await train(30);
  for (const id of heldOut) {
    const { forecast, createdAt, startedAt, finishedAt } = await client.job(id);
    const [created, started, ended] = [createdAt, startedAt ?? '', finishedAt ?? ''].map((text) => Date.parse(text));
    const { startSeconds: start, runSeconds: run } = forecast ?? { startSeconds: null, runSeconds: null };
    const [waited, ran] = [((started ?? 0) - (created ?? 0)) / 1000, ((ended ?? 0) - (started ?? 0)) / 1000];
    if (start && waited >= start.p10 && waited <= start.p90) right.start += 1;
    if (run && ran >= run.p10 && ran <= run.p90) right.run += 1;
  }
  console.log(`of ${heldOut.length} held-out jobs: start right ${right.start}, run right ${right.run}`);
  console.log(JSON.stringify(await client.forecasts()));
  expect(right.start).toBeGreaterThanOrEqual(21);
  expect(right.run).toBeGreaterThanOrEqual(21);
});
