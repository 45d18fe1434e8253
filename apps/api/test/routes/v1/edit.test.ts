import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

it('changes what the patch has, in the spec too, and leaves the rest', async () => {
  const id = await submit(service, { name: 'before', notes: 'n', tags: ['a'] });
  const { body, headers } = await service.agent
    .patch(`/v1/jobs/${id}`)
    .set('content-type', 'application/merge-patch+json')
    .send(JSON.stringify({ name: `"'; DROP TABLE jobs --`, tags: null, priority: -100 }))
    .expect(200);
  const changed = { name: `"'; DROP TABLE jobs --`, tags: [], priority: -100, notes: 'n' };
  expect(body).toMatchObject({ ...changed, spec: changed });
  const again = await service.agent.get(`/v1/jobs/${id}`).expect(200);
  expect(again.body).toEqual(body);
  expect(again.headers.etag).toBe(headers.etag);
  const logs = await service.agent.get(`/v1/jobs/${id}/logs`).expect(200);
  expect(logs.body.data.at(-1).message).toMatch(/^changed: name ".*", tags \[\], priority -100$/);
});

it('changes a job only while it has the version of If-Match', async () => {
  const id = await finishedJob(service);
  const { headers } = await service.agent.get(`/v1/jobs/${id}`);
  const patch = (ifMatch: string, notes: string) =>
    service.agent.patch(`/v1/jobs/${id}`).set('if-match', ifMatch).send({ notes });
  expect((await patch('"other"', 'lost')).body).toMatchObject({ status: 412, code: 'precondition_failed' });
  const { body } = await patch(`"x", ${headers.etag}`, 'one').expect(200);
  expect(body.notes).toBe('one');
  await patch(headers.etag ?? '', 'two').expect(412);
  await patch(`W/${headers.etag}`, 'two').expect(412);
  await patch('*', 'three').expect(200);
});

it.each([
  [{ learningRate: 1 }, '/learningRate'],
  [{ priority: 101 }, '/priority'],
  [{ priority: 1e300 }, '/priority'],
  [{ name: '' }, '/name'],
  [{ tags: [''] }, '/tags/0'],
  [{ tags: 'night' }, '/tags'],
  [{ notes: 'a\0b' }, '/notes'],
])('refuses %j', async (patch, pointer) => {
  const id = await submit(service);
  const answer = await service.agent.patch(`/v1/jobs/${id}`).send(patch).expect(400);
  expect(answer.body.errors[0].pointer).toBe(pointer);
});

it('needs a body, a job and a submitter', async () => {
  const id = await submit(service);
  await service.agent.patch(`/v1/jobs/${id}`).expect(400);
  await service.agent.patch('/v1/jobs/job_01jzzzzzzzzzzzzzzzzzzzzzzz').send({ name: 'x' }).expect(404);
  const reader = await service.db.keys.create({ name: 'r', role: 'reader', project: 'default' });
  const other = await service.db.keys.create({ name: 'o', role: 'admin', project: 'other' });
  const as = (secret: string) =>
    service.anonymous.patch(`/v1/jobs/${id}`).set('authorization', `Bearer ${secret}`).send({ name: 'x' });
  await as(reader.secret).expect(403);
  await as(other.secret).expect(404);
});
