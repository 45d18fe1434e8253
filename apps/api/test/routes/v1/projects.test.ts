import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const as = (secret: string) => ({ authorization: `Bearer ${secret}` });

it('lists projects with their weights and jobs, and sets a weight', async () => {
  await submit(service);
  await service.db.keys.create({ name: 'k', role: 'reader', project: 'vision' });
  const { body } = await service.agent.put('/v1/projects/vision').send({ weight: 2.5 }).expect(200);
  expect(body).toEqual({ name: 'vision', weight: 2.5, queued: 0, running: 0 });
  await service.agent.put('/v1/projects/later').send({ weight: 3 }).expect(200);
  expect((await service.agent.get('/v1/projects').expect(200)).body.data).toEqual([
    { name: 'default', weight: 1, queued: 1, running: 0 },
    { name: 'later', weight: 3, queued: 0, running: 0 },
    { name: 'vision', weight: 2.5, queued: 0, running: 0 },
  ]);
});

it.each([[{}], [{ weight: 0 }], [{ weight: -1 }], [{ weight: 1e9 }], [{ weight: '3' }], [{ weight: 1, name: 'x' }]])(
  'refuses %j',
  async (body) => {
    expect((await service.agent.put('/v1/projects/vision').send(body).expect(400)).body.errors).toHaveLength(1);
  },
);

it('lets no admin of another project set a weight, or see other projects', async () => {
  const { secret } = await service.db.keys.create({ name: 'a', role: 'admin', project: 'other' });
  await service.anonymous.put('/v1/projects/other').set(as(secret)).send({ weight: 9 }).expect(403);
  const { body } = await service.anonymous.get('/v1/projects').set(as(secret)).expect(200);
  expect(body.data).toEqual([{ name: 'other', weight: 1, queued: 0, running: 0 }]);
  await service.agent.put('/v1/projects/Wrong_name').send({ weight: 1 }).expect(400);
});
