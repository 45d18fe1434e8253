import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

it('lists experiments by name, page after page, with their jobs and the best of them', async () => {
  expect((await service.agent.get('/v1/experiments').expect(200)).body).toEqual({ data: [], nextCursor: null });
  const odd = `"it's" a\\b, ?&#%`;
  await finishedJob(service, { experiment: 'b' }, 100);
  const best = await finishedJob(service, { experiment: 'b' }, 140);
  await submit(service, { experiment: 'b' });
  await submit(service, { experiment: odd });
  await service.db.project('other').jobs.experiments({ limit: 50 });
  const first = (await service.agent.get('/v1/experiments?limit=1').expect(200)).body;
  expect(first.data).toHaveLength(1);
  const cursor = encodeURIComponent(first.nextCursor);
  const second = (await service.agent.get(`/v1/experiments?limit=1&cursor=${cursor}`).expect(200)).body;
  expect(second.nextCursor).toBeNull();
  const all = [...first.data, ...second.data];
  expect(all.map(({ name }) => name).sort()).toEqual([odd, 'b'].sort());
  const b = all.find(({ name }) => name === 'b');
  expect(b).toMatchObject({ jobs: 3, states: { queued: 1, succeeded: 2, failed: 0 } });
  expect(b.best).toEqual({ jobId: best, accuracy: 0.7 });
  expect(all.find(({ name }) => name === odd)).toMatchObject({ jobs: 1, best: null });
  expect((await service.agent.get('/v1/experiments').expect(200)).body.data).toEqual(all);
});

it('refuses a cursor of another list, and shows nothing of other projects', async () => {
  const { secret } = await service.db.keys.create({ name: 'o', role: 'admin', project: 'other' });
  const as = { authorization: `Bearer ${secret}` };
  expect((await service.anonymous.get('/v1/experiments').set(as).expect(200)).body.data).toEqual([]);
  const { body } = await service.agent.get('/v1/jobs?limit=1').expect(200);
  await service.agent.get(`/v1/experiments?cursor=${body.nextCursor}`).expect(400);
});
