import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { type Service, startService } from '../../support/service.js';

let service: Service;
let job: string;
const curve = (key: string, values: (number | null)[], step = 1) => ({
  key,
  steps: values.map((_, i) => i * step),
  times: values.map((_, i) => 1_780_221_600_000 + 60_000 * i),
  values,
});
const run = {
  source: 'mlflow',
  server: 'http://mlflow.example.com',
  experiment: 'vision',
  runId: 'a1',
  name: 'keras',
  state: 'succeeded',
  startedAt: '2026-05-31T10:00:00.000Z',
  finishedAt: '2026-05-31T10:20:00.000Z',
  params: { lr: '0.01', batch_size: '64', optimizer_name: 'Adam', note: 'x' },
  tags: { 'mlflow.user': 'kim', night: 'true', team: 'red' },
  metrics: [
    curve('val_loss', [1.5, 0.9, 1.1]),
    curve('val_accuracy', [0.4, 0.7, 0.65]),
    curve('accuracy', [0.5, 0.8, 0.9]),
    curve('test/accuracy', [0.68]),
    curve('gpu.temperature', [60, null]),
  ],
};
const put = (body: object) => service.agent.put('/v1/foreign-runs').send(body);
const history = async (query: string) => (await service.agent.get(`/v1/results?${query}`).expect(200)).body.data;

beforeAll(async () => {
  service = await startService();
  job = await finishedJob(service);
});
afterAll(() => service.close());

describe('foreign runs', () => {
  it('are stored once each, with what usual names say of them, all params and whole curves', async () => {
    const { body } = await put({ ...run, name: 'first' }).expect(200);
    const again = await put(run).expect(200);
    expect(again.body).toMatchObject({ id: body.id, name: 'keras', runId: 'a1' });
    const { data } = (await service.agent.get('/v1/foreign-runs?server=http://mlflow.example.com').expect(200)).body;
    expect(data).toEqual([again.body]);
    expect(body.figures).toEqual({
      architecture: null,
      dataset: null,
      learningRate: 0.01,
      batchSize: 64,
      epochs: null,
      optimizer: 'Adam',
      bestEpoch: 1,
      validationLoss: 0.9,
      validationAccuracy: 0.7,
      trainLoss: null,
      trainAccuracy: 0.8,
      testLoss: null,
      testAccuracy: 0.68,
    });
    const detail = (await service.agent.get(`/v1/foreign-runs/${body.id}`).expect(200)).body;
    expect(detail).toMatchObject({ params: run.params, tags: run.tags });
    expect(detail.metrics[2]).toEqual({ key: 'test/accuracy', count: 1, lastStep: 0, lastValue: 0.68 });
    const metric = await service.agent.get(`/v1/foreign-runs/${body.id}/metrics?key=gpu.temperature`).expect(200);
    expect(metric.body).toEqual(run.metrics[4]);
    await service.agent.get(`/v1/foreign-runs/${body.id}/metrics?key=nothing`).expect(404);
  });

  it('take the epoch from the metric of that name, and leave out accuracies in percent', async () => {
    const metrics = [curve('val_loss', [2, 1], 100), curve('epoch', [0, 1], 100), curve('test_acc', [71.5])];
    const { body } = await put({ ...run, runId: 'a2', metrics }).expect(200);
    expect(body.figures).toMatchObject({ bestEpoch: 1, testAccuracy: null });
    await service.agent.delete(`/v1/foreign-runs/${body.id}`).expect(204);
    await service.agent.get(`/v1/foreign-runs/${body.id}`).expect(404);
  });

  it('are in the history on request alone, marked, and found by filters', async () => {
    const { body: stored } = await put(run).expect(200);
    expect((await history('')).map(({ jobId }: { jobId: string }) => jobId)).toEqual([job]);
    const all = await history('foreign=true&sort=-accuracy');
    expect(all.map(({ jobId }: { jobId: string }) => jobId).sort()).toEqual([job, stored.id]);
    const { source, server, experiment, runId } = run;
    expect(all.find(({ jobId }: { jobId: string }) => jobId === stored.id)).toMatchObject({
      kind: 'foreign',
      foreign: { source, server, experiment, runId },
      experiment,
      optimizer: 'Adam',
      learningRate: 0.01,
      testAccuracy: 0.68,
      validationLoss: 0.9,
      trainingSeconds: 1200,
      seed: null,
      parameters: null,
    });
    for (const filter of [
      'kind = foreign',
      'metric."test/accuracy" > 0.6',
      'spec.params.note = x AND spec.params.lr = 0.01',
      'tag : night AND tag : "team=red" AND duration = 20m',
      'train.accuracy = 0.8 AND test.accuracy < 0.7 AND optimizer.type = Adam',
    ]) {
      const found = await history(`foreign=true&sort=metric.val_loss&filter=${encodeURIComponent(filter)}`);
      expect([filter, found.map(({ jobId }: { jobId: string }) => jobId)]).toEqual([filter, [stored.id]]);
      expect([filter, await history(`filter=${encodeURIComponent(filter)}`)]).toEqual([filter, []]);
    }
  });

  it('are in pages, files and counts of the history', async () => {
    const { body } = await service.agent.get('/v1/results?foreign=true&sort=-validationLoss&limit=1').expect(200);
    const next = `/v1/results?foreign=true&sort=-validationLoss&limit=1&cursor=${body.nextCursor}`;
    const { data } = (await service.agent.get(next).expect(200)).body;
    expect([...body.data, ...data].map(({ kind }: { kind: string }) => kind).sort()).toEqual(['foreign', 'training']);
    const { text } = await service.agent.get('/v1/results?format=csv&foreign=true').expect(200);
    expect(text.split('\n')[0]).toMatch(/,foreign,/);
    expect(text).toContain('mlflow.example.com');
    const facets = await service.agent.get('/v1/results/facets?foreign=true&field=kind').expect(200);
    expect(facets.body.values).toEqual([
      { value: 'foreign', count: 1 },
      { value: 'training', count: 1 },
    ]);
  });

  it.each([
    [{ metrics: [{ ...curve('loss', [1, 2]), steps: [0] }] }, '/metrics/0'],
    [{ metrics: [curve('loss', [1]), curve('loss', [2])] }, '/metrics'],
    [{ startedAt: 'yesterday' }, '/startedAt'],
    [{ state: 'running' }, '/state'],
    [{ params: { 'a\u0000': 'b' } }, '/params/0'],
  ])('are refused with %j at %s', async (change, pointer) => {
    const { body } = await put({ ...run, ...change }).expect(400);
    expect(body.errors).toMatchObject([{ pointer }]);
  });
});
