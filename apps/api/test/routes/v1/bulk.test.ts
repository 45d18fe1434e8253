import { access } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const bulk = (body: object) => service.agent.post('/v1/jobs/bulk').send(body);

it('deletes jobs with their files', async () => {
  const id = await finishedJob(service, { experiment: 'old' });
  const folder = service.artifacts.folder(`jobs/${id}`);
  await access(folder);
  const { body } = await bulk({ action: 'delete', filter: 'experiment = old' }).expect(200);
  expect(body).toMatchObject({ matched: 1, changed: 1, refused: [] });
  await expect(access(folder)).rejects.toThrow('ENOENT');
});

it('queues no more jobs again than the key may have', async () => {
  const limits = { requestsPerMinute: null, queuedJobs: 2, trainingSecondsPerDay: null };
  const key = await service.db.keys.create({ name: 'k', role: 'submitter', project: 'small', limits });
  const as = (path: string, body: object) =>
    service.anonymous.post(path).set('authorization', `Bearer ${key.secret}`).send(body);
  for (let i = 0; i < 3; i++) {
    const { body } = await as('/v1/jobs', { architecture: 'lenet' }).expect(202);
    await as(`/v1/jobs/${body.id}/cancel`, {}).expect(202);
  }
  const { body } = await as('/v1/jobs/bulk', { action: 'retry', filter: 'state = cancelled' }).expect(200);
  expect(body).toMatchObject({ matched: 3, changed: 2, refusedCount: 1 });
  expect(body.refused[0].reason).toBe('no more than 2 jobs of this key may be queued');
  const again = await as('/v1/jobs/bulk', { action: 'retry', filter: 'state = cancelled' }).expect(429);
  expect(again.body).toMatchObject({ code: 'quota_exceeded', limit: 'queuedJobs' });
  const cancelled = await as('/v1/jobs/bulk', { action: 'cancel', filter: 'state = queued' }).expect(200);
  expect(cancelled.body).toMatchObject({ changed: 2 });
});

it.each([
  [{ action: 'cancel' }, '/filter'],
  [{ action: 'cancel', filter: ' ' }, '/filter'],
  [{ action: 'cancel', filter: 'stat = queued' }, '/filter'],
  [{ action: 'cancel', filter: 'name = "a\0b"' }, '/filter'],
  [{ action: 'explode', filter: 'state = queued' }, '/action'],
  [{ action: 'cancel', filter: 'state = queued', dryrun: true }, '/dryrun'],
  [{ action: 'cancel', filter: 'state = queued', dryRun: 'true' }, '/dryRun'],
  [{ action: 'cancel', filter: 'state = queued', tags: ['a'] }, '/tags'],
  [{ action: 'tag', filter: 'state = queued' }, '/tags'],
  [{ action: 'tag', filter: 'state = queued', tags: ['\0'] }, '/tags/0'],
])('refuses %j', async (body, pointer) => {
  const id = await submit(service);
  const answer = await bulk(body).expect(400);
  expect(answer.body.errors[0].pointer).toBe(pointer);
  expect((await service.project.jobs.find(id))?.state).toBe('queued');
});

it('reaches no job of another project, and needs a submitter', async () => {
  const id = await submit(service, { experiment: 'mine' });
  const keys = await Promise.all([
    service.db.keys.create({ name: 'o', role: 'admin', project: 'other' }),
    service.db.keys.create({ name: 'r', role: 'reader', project: 'default' }),
  ]);
  const [other, reader] = await Promise.all(
    keys.map(({ secret }) =>
      service.anonymous
        .post('/v1/jobs/bulk')
        .set('authorization', `Bearer ${secret}`)
        .send({ action: 'cancel', filter: `id = ${id} OR experiment = mine` }),
    ),
  );
  expect(other?.body).toMatchObject({ matched: 0, changed: 0 });
  expect(reader?.status).toBe(403);
  expect((await service.project.jobs.find(id))?.state).toBe('queued');
});
