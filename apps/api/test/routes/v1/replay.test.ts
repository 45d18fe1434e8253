import { afterAll, beforeAll, expect, it } from 'vitest';
import { mergePatch } from '#services/mergePatch.js';
import { finishedJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

it('submits the stored spec again, linked to the original', async () => {
  const checkpoint = { everySeconds: null };
  const id = await finishedJob(service, { name: 'first', checkpoint, dataset: { name: 'cifar10', limit: 500 } });
  const { body: original } = await service.agent.get(`/v1/jobs/${id}`);
  const { body, headers } = await service.agent.post(`/v1/jobs/${id}/replay`).expect(202);
  expect(headers.location).toBe(`/v1/jobs/${body.id}`);
  expect(body).toMatchObject({ replayOf: id, state: 'queued', spec: original.spec });
  expect(original.replayOf).toBeNull();
  const report = await service.agent.get(`/v1/jobs/${body.id}/replay`).expect(200);
  expect(report.body).toMatchObject({ jobId: body.id, replayOf: id, verdict: 'pending', epochsCompared: 0 });
  const list = await service.agent.get(`/v1/jobs?filter=${encodeURIComponent(`replayOf = ${id}`)}`).expect(200);
  expect(list.body.data.map((job: { id: string }) => job.id)).toEqual([body.id]);
});

it('changes the fields that it is given', async () => {
  const id = await submit(service, { optimizer: { type: 'sgd', momentum: 0.9 } });
  const changes = { learningRate: 0.011, optimizer: { momentum: 0.8 }, notes: 'again' };
  const { body } = await service.agent.post(`/v1/jobs/${id}/replay`).send({ changes }).expect(202);
  expect(body.spec).toMatchObject({ learningRate: 0.011, optimizer: { type: 'sgd', momentum: 0.8 }, notes: 'again' });
  const report = await service.agent.get(`/v1/jobs/${body.id}/replay`).expect(200);
  expect(report.body.changed.sort()).toEqual(['learningRate', 'optimizer']);
});

it('refuses what is no change, no replay, or no job', async () => {
  const id = await submit(service);
  const post = (body: object) => service.agent.post(`/v1/jobs/${id}/replay`).send(body);
  expect((await post({ change: {} }).expect(400)).body.errors[0].pointer).toBe('/change');
  expect((await post({ changes: [] }).expect(400)).body.errors[0].pointer).toBe('/changes');
  const { body } = await post({ changes: { learningRate: -1, depth: 3 } }).expect(422);
  expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(['/depth', '/learningRate']);
  const nothing = service.agent.post(`/v1/jobs/${id}/replay`).set('content-type', 'application/json');
  await nothing.send('null').expect(400);
  await service.agent.get(`/v1/jobs/${id}/replay`).expect(404);
  await service.agent.post('/v1/jobs/job_01jzzzzzzzzzzzzzzzzzzzzzzz/replay').expect(404);
});

it('merges a patch as RFC 7396 has it', () => {
  const target = { a: 'b', c: { d: 'e', f: null }, g: null };
  expect(mergePatch(target, { a: null, c: { d: [1] }, h: { i: null } })).toEqual({
    c: { f: null, d: [1] },
    g: null,
    h: {},
  });
});
