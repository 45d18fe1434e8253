import { redisUrl } from '@trainyard/test-kit';
import { eventsOf, quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import { expect, it } from 'vitest';

const layers = [{ type: 'globalAvgPool' as const }, { type: 'dense' as const, units: 10 }];
const tiny = { ...quickSpec, architecture: { layers }, recipe: null, epochs: 1, experiment: 'bulk' };
const count = 5000;

it.each([
  ['Redis', redisUrl],
  ['Postgres', async () => undefined],
])(
  '5,000 queued jobs are cancelled once each while two workers start them, with the queue in %s',
  async (name, url) => {
    const served = await useServed({ redisUrl: await url() });
    const { client } = served;
    const ids: string[] = [];
    while (ids.length < count) {
      const jobs = await Promise.all(Array.from({ length: 50 }, () => client.submit(tiny)));
      ids.push(...jobs.map(({ id }) => id));
    }
    await Promise.all([served.startWorker(), served.startWorker()]);
    await waitForEnd(client, ids[0] ?? '');
    const begin = performance.now();
    const answer = await client.bulk({ action: 'cancel', filter: 'experiment = bulk AND state = queued' });
    const seconds = (performance.now() - begin) / 1000;
    console.log(`queue in ${name}: ${answer.changed} of ${answer.matched} jobs cancelled in ${seconds.toFixed(2)} s`);
    expect(answer.refusedCount).toBe(0);
    expect(answer.unchanged).toBe(0);
    let cancelled = 0;
    for (const id of ids) {
      await waitForEnd(client, id);
      const types = (await eventsOf(client, id)).map(({ type }) => type);
      const ends = types.filter((type) => ['cancelled', 'succeeded', 'failed'].includes(type));
      expect(ends).toEqual([types.at(-1)]);
      if (types.at(-1) === 'cancelled') cancelled += 1;
      else expect(types).not.toContain('cancelling');
    }
    expect(cancelled).toBe(answer.changed);
    expect(seconds).toBeLessThan(5);
  },
);
