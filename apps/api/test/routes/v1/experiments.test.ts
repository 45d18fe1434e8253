import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob, startJob } from '../../support/jobs.js';
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

describe('an alias of an experiment', () => {
  const experiment = 'a/b c';
  const url = `/v1/experiments/${encodeURIComponent(experiment)}/aliases`;
  let first = '';
  let second = '';
  beforeAll(async () => {
    first = await finishedJob(service, { experiment });
    second = await finishedJob(service, { experiment });
  });

  it('points to a checkpoint, and moves at once with all its moves kept', async () => {
    const set = await service.agent.put(`${url}/champion`).send({ jobId: first }).expect(200);
    expect(set.body).toMatchObject({ experiment, alias: 'champion', jobId: first, epoch: 2 });
    const moves = Array.from({ length: 6 }, (_, i) => ({
      jobId: i % 2 ? first : second,
      checkpoint: String(1 + (i % 2)),
    }));
    const sent = await Promise.all(moves.map((body) => service.agent.put(`${url}/champion`).send(body).expect(200)));
    const { body } = await service.agent.get(`${url}/champion`).expect(200);
    expect(body.history).toHaveLength(7);
    const { history, experiment: _, alias: __, ...now } = body;
    expect(history[0]).toEqual(now);
    expect(history[6]).toMatchObject({ jobId: first, epoch: 2 });
    expect(sent.every(({ body: { jobId, epoch } }) => (jobId === first ? epoch === 2 : epoch === 1))).toBe(true);
    expect((await service.agent.get(url).expect(200)).body.data).toMatchObject([{ alias: 'champion' }]);
  });

  it('has a stable URL for each format, whose file changes with the move', async () => {
    const etags: unknown[] = [];
    for (const [jobId, checkpoint] of [
      [first, '1'],
      [second, '2'],
    ] as const) {
      await service.agent.put(`${url}/next`).send({ jobId, checkpoint }).expect(200);
      const direct = await service.agent.head(`/v1/jobs/${jobId}/checkpoints/${checkpoint}/download?format=onnx`);
      const { headers } = await service.agent.head(`${url}/next/download?format=onnx`).expect(200);
      expect(headers.etag).toBe(direct.headers.etag);
      const location = `/v1/jobs/${jobId}/checkpoints/${checkpoint}/download?format=onnx`;
      expect(headers['content-location']).toBe(location);
      etags.push(headers.etag);
    }
    expect(etags[0]).not.toBe(etags[1]);
    const range = { range: 'bytes=0-9', 'if-range': String(etags[1]) };
    await service.agent.get(`${url}/next/download?format=onnx`).set(range).expect(206);
    await service.agent
      .get(`${url}/next/download?format=onnx`)
      .set({ ...range, 'if-range': String(etags[0]) })
      .expect(200);
  });

  it('is removed without its history, and is in the audit', async () => {
    await service.agent.put(`${url}/old`).send({ jobId: first }).expect(200);
    await service.agent.delete(`${url}/old`).expect(204);
    await service.agent.delete(`${url}/old`).expect(404);
    await service.agent.get(`${url}/old/download`).expect(404);
    await service.agent.put(`${url}/old`).send({ jobId: second }).expect(200);
    const { body } = await service.agent.get(`${url}/old`).expect(200);
    expect(body.history.map(({ jobId }: { jobId: string | null }) => jobId)).toEqual([second, null, first]);
    await service.app.auditLog.flush();
    const audit = (await service.agent.get('/v1/audit?limit=3').expect(200)).body.data;
    expect(audit[0]).toMatchObject({ action: 'PUT /v1/experiments/{name}/aliases/{alias}', object: experiment });
  });

  it('refuses a job of another experiment, one that has not ended, and readers', async () => {
    const other = await finishedJob(service, { experiment: 'another' });
    const { body } = await service.agent.put(`${url}/champion`).send({ jobId: other }).expect(400);
    expect(body.errors).toEqual([{ pointer: '/jobId', detail: expect.stringContaining('this one is of another') }]);
    const { jobId } = await startJob(service, { experiment });
    await service.agent.put(`${url}/champion`).send({ jobId }).expect(404);
    await service.agent.put(`${url}/Champion`).send({ jobId: first }).expect(400);
    const { secret } = await service.db.keys.create({ name: 'r', role: 'reader', project: 'default' });
    const reader = { authorization: `Bearer ${secret}` };
    await service.anonymous.put(`${url}/champion`).set(reader).send({ jobId: first }).expect(403);
    await service.anonymous.delete(`${url}/champion`).set(reader).expect(403);
    await service.anonymous.get(`${url}/champion`).set(reader).expect(200);
  });

  it('is not seen from other projects, and says when its checkpoint is gone', async () => {
    const { secret } = await service.db.keys.create({ name: 'o', role: 'admin', project: 'elsewhere' });
    const as = { authorization: `Bearer ${secret}` };
    await service.anonymous.get(`${url}/champion`).set(as).expect(404);
    expect((await service.anonymous.get(url).set(as).expect(200)).body.data).toEqual([]);
    await service.anonymous.put(`${url}/champion`).set(as).send({ jobId: first }).expect(404);
    const gone = await finishedJob(service, { experiment });
    await service.agent.put(`${url}/gone`).send({ jobId: gone }).expect(200);
    await service.agent.delete(`/v1/jobs/${gone}`).expect(204);
    const { body } = await service.agent.get(`${url}/gone/download`).expect(404);
    expect(body.detail).toContain(`of job ${gone}, to which gone points`);
  });
});
