import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob, startJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
let jobs: { best: string; worse: string; waits: string; running: string };
/** Id of the experiment `night`. */
let night: string;
const api = '/api/2.0/mlflow';

beforeAll(async () => {
  service = await startService();
  jobs = {
    worse: await finishedJob(service, { experiment: 'night', name: 'worse', learningRate: 0.0000001 }, 100),
    best: await finishedJob(
      service,
      { experiment: 'night', name: 'best one', tags: ['keep'], notes: 'see Monday' },
      140,
    ),
    waits: await submit(service, { experiment: 'night', optimizer: { type: 'adam' } }),
    running: (await startJob(service, { experiment: 'day' })).jobId,
  };
  const { body } = await service.agent.get(`${api}/experiments/get-by-name?experiment_name=night`).expect(200);
  night = body.experiment.experiment_id;
});
afterAll(() => service.close());

const search = (body: object) => service.agent.post(`${api}/runs/search`).send(body);
const namesOf = (runs: { info: { run_id: string } }[] = []) =>
  runs.map(({ info }) => Object.entries(jobs).find(([, id]) => id === info.run_id)?.[0]);
const found = async (filter: string, order_by: string[] = []) =>
  namesOf((await search({ experiment_ids: [night], filter, order_by }).expect(200)).body.runs);

describe('experiments', () => {
  it('are those of the project, the newest first, with ids of digits', async () => {
    const { body } = await service.agent.post(`${api}/experiments/search`).send({ max_results: 10 }).expect(200);
    expect(body.experiments.map(({ name }: { name: string }) => name)).toEqual(['day', 'night']);
    expect(body.experiments[1]).toMatchObject({ experiment_id: night, lifecycle_stage: 'active' });
    expect(night).toMatch(/^\d{1,15}$/);
    const again = await service.agent.get(`${api}/experiments/get?experiment_id=${night}`).expect(200);
    expect(again.body.experiment).toEqual(body.experiments[1]);
  });

  it.each([
    ["name = 'night'", ['night']],
    ["name LIKE 'd%' AND creation_time > 0", ['day']],
    ["attribute.name ILIKE '%AY' and last_update_time > 0", ['day']],
    ["tags.team IS NULL AND name != 'x'", ['day', 'night']],
    ["tags.team = 'x'", []],
  ])('are found by %s', async (filter, names) => {
    const { body } = await service.agent.post(`${api}/experiments/search`).send({ filter }).expect(200);
    expect(body.experiments.map(({ name }: { name: string }) => name)).toEqual(names);
  });

  it('come in pages and in an order', async () => {
    const page = (page_token?: string) =>
      service.agent.post(`${api}/experiments/search`).send({ max_results: 1, order_by: ['name DESC'], page_token });
    const { body } = await page().expect(200);
    expect(body.experiments).toMatchObject([{ name: 'night' }]);
    const next = await page(body.next_page_token).expect(200);
    expect(next.body.experiments).toMatchObject([{ name: 'day' }]);
    expect(next.body.next_page_token).toBeUndefined();
  });
});

describe('runs', () => {
  it('have what MLflow’s clients read', async () => {
    const { body } = await service.agent.get(`${api}/runs/get?run_uuid=${jobs.best}&run_id=${jobs.best}`).expect(200);
    const { info, data, inputs } = body.run;
    expect(info).toMatchObject({ run_id: jobs.best, run_uuid: jobs.best, experiment_id: night, run_name: 'best one' });
    expect(info).toMatchObject({ status: 'FINISHED', artifact_uri: `mlflow-artifacts:/${jobs.best}` });
    for (const time of [info.start_time, info.end_time]) expect(Number.isInteger(time)).toBe(true);
    expect(data.metrics).toContainEqual({
      key: 'validation_loss',
      value: 1.05,
      step: 2,
      timestamp: info.start_time + 4000,
    });
    expect(data.metrics).toContainEqual(expect.objectContaining({ key: 'test_accuracy', value: 0.7 }));
    expect(data.metrics).toContainEqual(expect.objectContaining({ key: 'recall/cat', value: 0.7 }));
    expect(data.params).toContainEqual({ key: 'architecture', value: 'lenet' });
    expect(data.params).toContainEqual({ key: 'dataset.name', value: 'cifar10' });
    for (const { value } of data.params) expect(typeof value).toBe('string');
    expect(data.tags).toContainEqual({ key: 'keep', value: 'true' });
    expect(data.tags).toContainEqual({ key: 'mlflow.note.content', value: 'see Monday' });
    expect(inputs.dataset_inputs).toMatchObject([{ dataset: { name: 'cifar10' } }]);
  });

  it.each([
    ['', [], ['waits', 'best', 'worse']],
    ['metrics.test_accuracy >= 0.6', [], ['best']],
    ['metrics.test_accuracy > 0', ['metrics.test_accuracy ASC'], ['worse', 'best']],
    ['', ['metrics.`recall/cat` DESC'], ['best', 'worse', 'waits']],
    ['metrics.validation_loss = 1.05 AND metrics.`f1/cat` != 0', [], []],
    ['metrics.validation_loss < 1.06', ['start_time'], ['worse', 'best']],
    ["params.learningRate = '0.0000001'", [], ['worse']],
    ["params.optimizer.type = 'adam'", [], ['waits']],
    ["params.optimizer IS NULL AND params.architecture LIKE 'le%'", [], ['waits', 'best', 'worse']],
    ["tags.keep = 'true'", [], ['best']],
    ["tags.keep IS NULL AND status = 'FINISHED'", [], ['worse']],
    ["`run name` = 'best one' AND dataset.name = 'cifar10'", [], ['best']],
    ["status != 'FINISHED' AND start_time > 0", [], ['waits']],
    ['end_time > 0', ['attributes.run_name'], ['best', 'worse']],
    ["user_id = 'kim' ", [], []],
  ])('are found by %s in the order %s', async (filter, order, names) => {
    expect(await found(filter, order)).toEqual(names);
  });

  it('show parameters as the filter finds them', async () => {
    const { body } = await search({ experiment_ids: [night] }).expect(200);
    for (const { info, data } of body.runs) {
      for (const { key, value } of data.params) {
        const filter = `params.\`${key}\` = '${value}' AND run_id = '${info.run_id}'`;
        expect(await found(filter), filter).toHaveLength(1);
      }
    }
  });

  it('come in pages', async () => {
    const page = (page_token?: string) => search({ experiment_ids: [night], max_results: 2, page_token });
    const { body } = await page().expect(200);
    expect(namesOf(body.runs)).toEqual(['waits', 'best']);
    const next = await page(body.next_page_token).expect(200);
    expect(namesOf(next.body.runs)).toEqual(['worse']);
    expect(next.body.next_page_token).toBeUndefined();
  });

  it('are none without experiments, of unknown ones, and of deleted ones', async () => {
    for (const body of [{}, { experiment_ids: ['7'] }, { experiment_ids: [night], run_view_type: 'DELETED_ONLY' }])
      expect((await search(body).expect(200)).body.runs ?? []).toEqual([]);
  });

  it('have a history of each metric', async () => {
    const history = async (key: string) =>
      (await service.agent.get(`${api}/metrics/get-history?run_id=${jobs.best}&metric_key=${key}`).expect(200)).body
        .metrics;
    const values = (await history('train_loss')).map(({ value, step }: { value: number; step: number }) => [
      step,
      value,
    ]);
    expect(values).toEqual([
      [1, 2],
      [2, 1],
    ]);
    expect(await history('test_accuracy')).toMatchObject([{ key: 'test_accuracy', value: 0.7, step: 2 }]);
    expect(await history('unknown')).toEqual([]);
  });
});

describe('what is asked wrongly', () => {
  it.each([
    ['an unknown run', 'get', `${api}/runs/get?run_id=7`, {}, 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['no run', 'get', `${api}/runs/get`, {}, 400, 'INVALID_PARAMETER_VALUE'],
    ['an unknown experiment', 'get', `${api}/experiments/get?experiment_id=7`, {}, 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['a NUL', 'get', `${api}/experiments/get?experiment_id=%00`, {}, 400, 'INVALID_PARAMETER_VALUE'],
    ['a wrong filter', 'post', `${api}/runs/search`, { filter: 'metrics.a LIKE 1' }, 400, 'INVALID_PARAMETER_VALUE'],
    ['a wrong order', 'post', `${api}/runs/search`, { order_by: ['metrics.a down'] }, 400, 'INVALID_PARAMETER_VALUE'],
    ['a foreign token', 'post', `${api}/runs/search`, { page_token: 'x' }, 400, 'INVALID_PARAMETER_VALUE'],
    ['a body that is a list', 'post', `${api}/runs/search`, [], 400, 'INVALID_PARAMETER_VALUE'],
    ['a NUL in a list', 'post', `${api}/runs/search`, { experiment_ids: ['\0'] }, 400, 'INVALID_PARAMETER_VALUE'],
    ['a metric to log', 'post', `${api}/runs/log-metric`, {}, 404, 'ENDPOINT_NOT_FOUND'],
    ['a model to register', 'post', '/ajax-api/2.0/mlflow/registered-models/create', {}, 404, 'ENDPOINT_NOT_FOUND'],
    ['an artifact to store', 'put', '/api/2.0/mlflow-artifacts/artifacts/x', {}, 404, 'ENDPOINT_NOT_FOUND'],
  ] as const)('%s gets an error that its clients understand', async (_, method, path, sent, status, code) => {
    const request = service.agent[method](path);
    const { body } = await (method === 'get' ? request : request.send(sent)).expect(status);
    expect(body).toEqual({ error_code: code, message: expect.stringMatching(/./) });
  });

  it('registries are empty, below both paths', async () => {
    for (const base of ['/api', '/ajax-api']) {
      await service.agent.get(`${base}/2.0/mlflow/registered-models/search`).expect(200, {});
      await service.agent.post(`${base}/2.0/mlflow/logged-models/search`).send({}).expect(200, {});
      await service.agent.get(`${base}/2.0/mlflow/runs/get?run_id=${jobs.best}`).expect(200);
    }
  });
});

describe('keys', () => {
  it('are taken as a token or as a password, for searches too', async () => {
    const basic = `Basic ${Buffer.from(`me:${service.admin.secret}`).toString('base64')}`;
    const send = (authorization: string) =>
      service.anonymous.post(`${api}/experiments/search`).set({ authorization }).send({});
    await send(basic).expect(200);
    await send(`Bearer ${service.admin.secret}`).expect(200);
    const { body } = await send('Bearer wrong').expect(401);
    expect(body.error_code).toBe('UNAUTHENTICATED');
    // What changes something still needs a token: a browser sends passwords with the forms of other sites.
    await service.anonymous.post('/v1/jobs').set({ authorization: basic }).send({}).expect(401);
  });

  it('of another project find nothing, as with unknown ids; without a key nothing is read', async () => {
    const { secret } = await service.db.keys.create({ name: 'stranger', role: 'admin', project: 'other' });
    const artifacts = '/api/2.0/mlflow-artifacts/artifacts';
    const unknown = { run: 'job_01jzzzzzzzzzzzzzzzzzzzzzzz', experiment: '7', name: 'unknown' };
    const requests = ({ run, experiment, name }: typeof unknown) =>
      [
        ['get', `${api}/experiments/get?experiment_id=${experiment}`],
        ['get', `${api}/experiments/get-by-name?experiment_name=${name}`],
        ['get', `${api}/experiments/search`],
        ['post', `${api}/experiments/search`, {}],
        ['post', `${api}/runs/search`, { experiment_ids: [experiment] }],
        ['get', `${api}/runs/get?run_id=${run}`],
        ['get', `${api}/metrics/get-history?run_id=${run}&metric_key=train_loss`],
        ['get', `${api}/artifacts/list?run_id=${run}`],
        ['get', `${artifacts}?path=${run}`],
        ['get', `${artifacts}?path=${run}/checkpoints/best`],
        ['get', `${artifacts}/${run}/checkpoints/best/manifest.json`],
        ['get', `${artifacts}/${run}/checkpoints/best/model.zip`],
      ] as const;
    const send = ([method, path, body]: ReturnType<typeof requests>[number], authorization?: string) => {
      const request = service.anonymous[method](path).set(authorization ? { authorization } : {});
      return body ? request.send(body) : request;
    };
    const known = requests({ run: jobs.best, experiment: night, name: 'night' });
    for (const [i, request] of requests(unknown).entries()) {
      const asked = known[i] as typeof request;
      const [a, b] = [await send(request, `Bearer ${secret}`), await send(asked, `Bearer ${secret}`)];
      const steady = (text: string) => text.replaceAll(jobs.best, unknown.run).replaceAll(night, '7');
      expect([b.status, steady(b.text).replaceAll('night', 'unknown')]).toEqual([a.status, a.text]);
      const { body } = await send(asked).expect(401);
      expect(body.error_code).toBe('UNAUTHENTICATED');
    }
  });
});
