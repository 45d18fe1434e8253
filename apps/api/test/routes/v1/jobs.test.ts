import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob, metricsOf, resultsOf, startJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const unknown = 'job_01jzzzzzzzzzzzzzzzzzzzzzzz';

describe('a job', () => {
  it('responds with 304 to its ETag while it is unchanged, and with 200 afterwards', async () => {
    const id = await submit(service);
    const first = await service.agent.get(`/v1/jobs/${id}`).expect(200);
    expect(first.headers['retry-after']).toBe('1');
    const etag = first.headers.etag as string;
    const same = await service.agent.get(`/v1/jobs/${id}`).set('if-none-match', `"x", W/${etag}`).expect(304);
    expect(same.text).toBe('');
    expect(same.headers.etag).toBe(etag);
    await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
    const changed = await service.agent.get(`/v1/jobs/${id}`).set('if-none-match', etag).expect(200);
    expect(changed.body).toMatchObject({ state: 'cancelled', terminal: true });
    expect(changed.headers['retry-after']).toBeUndefined();
  });

  it('that is queued is cancelled at once', async () => {
    const id = await submit(service);
    expect((await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202)).body.state).toBe('cancelled');
  });

  it('answers 200 to a repeated command, which changes nothing', async () => {
    const id = await submit(service);
    const wakes = service.wakes();
    for (const [verb, state] of [
      ['pause', 'paused'],
      ['resume', 'queued'],
      ['cancel', 'cancelled'],
      ['retry', 'queued'],
    ]) {
      const { body } = await service.agent.post(`/v1/jobs/${id}/${verb}`).expect(202);
      expect(body.state).toBe(state);
      const before = await service.project.jobs.version(id);
      expect((await service.agent.post(`/v1/jobs/${id}/${verb}`).expect(200)).body).toEqual(body);
      expect(await service.project.jobs.version(id)).toEqual(before);
    }
    expect(service.wakes()).toBe(wakes + 2);
  });

  it('that has succeeded is neither cancelled nor retried', async () => {
    const id = await finishedJob(service);
    for (const verb of ['cancel', 'retry']) {
      const { body } = await service.agent.post(`/v1/jobs/${id}/${verb}`).expect(409);
      expect(body).toMatchObject({ code: 'conflict', detail: expect.stringContaining('succeeded') });
    }
  });

  it('that is running becomes cancelling first', async () => {
    const { jobId } = await startJob(service);
    for (const status of [202, 200])
      expect((await service.agent.post(`/v1/jobs/${jobId}/cancel`).expect(status)).body.state).toBe('cancelling');
  });

  it('that was cancelled is queued again by retry, which wakes the dispatcher', async () => {
    const id = await submit(service);
    await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
    const wakes = service.wakes();
    expect((await service.agent.post(`/v1/jobs/${id}/retry`).expect(202)).body.state).toBe('queued');
    expect(service.wakes()).toBe(wakes + 1);
  });

  it.each(['', '/events', '/metrics', '/results', '/checkpoints', '/checkpoints/best', '/checkpoints/best/download'])(
    'that does not exist has no %s',
    async (path) => {
      const { body } = await service.agent.get(`/v1/jobs/${unknown}${path}`).expect(404);
      expect(body).toMatchObject({ code: 'not_found', detail: expect.stringContaining(unknown) });
    },
  );

  it('that is queued is paused at once, and queued again by resume, which wakes the dispatcher', async () => {
    const id = await submit(service);
    expect((await service.agent.post(`/v1/jobs/${id}/pause`).expect(202)).body.state).toBe('paused');
    const wakes = service.wakes();
    expect((await service.agent.post(`/v1/jobs/${id}/resume`).expect(202)).body.state).toBe('queued');
    expect(service.wakes()).toBe(wakes + 1);
    await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
    for (const verb of ['pause', 'resume']) {
      expect((await service.agent.post(`/v1/jobs/${id}/${verb}`).expect(409)).body.code).toBe('conflict');
    }
  });

  it.each(['pause', 'resume', 'cancel', 'retry'])('that does not exist has no %s', async (verb) => {
    await service.agent.post(`/v1/jobs/${unknown}/${verb}`).expect(404);
  });
});

describe('the list of jobs', () => {
  it('is filtered by state, experiment and architecture', async () => {
    const id = await submit(service, { experiment: 'filters', architecture: 'cnn3' });
    await submit(service, { experiment: 'filters' });
    const ids = async (query: string) => {
      const { body } = await service.agent.get(`/v1/jobs?experiment=filters&${query}`).expect(200);
      return body.data.map((job: { id: string }) => job.id);
    };
    expect(await ids('')).toHaveLength(2);
    expect(await ids('architecture=cnn3')).toEqual([id]);
    expect(await ids('state=queued&state=running')).toHaveLength(2);
    expect(await ids('state=failed')).toEqual([]);
  });

  it('is paged, newest first, with each job once', async () => {
    const submitted: string[] = [];
    for (let i = 0; i < 5; i++) submitted.push(await submit(service, { experiment: 'pages' }));
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await service.agent.get(`/v1/jobs?experiment=pages&limit=2${cursor}`).expect(200);
      seen.push(...body.data.map((job: { id: string }) => job.id));
      cursor = body.nextCursor && `&cursor=${encodeURIComponent(body.nextCursor)}`;
    } while (cursor);
    expect(seen).toEqual(submitted.toReversed());
  });

  it.each(['limit=0', 'limit=501', 'state=sleeping', 'cursor=%00nonsense', 'colour=red'])(
    'refuses %s',
    async (query) => {
      const { body } = await service.agent.get(`/v1/jobs?${query}`).expect(400);
      expect(body.code).toBe('invalid_input');
    },
  );
});

describe('a finished job', () => {
  let id = '';
  beforeAll(async () => {
    id = await finishedJob(service, { name: '=1+1', experiment: 'done' });
  });

  it('has one row of metrics per epoch, as JSON and as CSV', async () => {
    const { body } = await service.agent.get(`/v1/jobs/${id}/metrics`).expect(200);
    expect(body.data.map((row: { epoch: number }) => row.epoch)).toEqual([1, 2]);
    const csv = await service.agent.get(`/v1/jobs/${id}/metrics?format=csv`).expect(200);
    expect(csv.headers['content-type']).toMatch(/^text\/csv/);
    const [header, ...rows] = csv.text.trim().split('\r\n');
    expect(header).toMatch(/^epoch,trainLoss,trainAccuracy,validationLoss/);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(/^1,2,0.1,2.1,/);
  });

  it('has test results; an untested job responds with 404', async () => {
    const { body } = await service.agent.get(`/v1/jobs/${id}/results`).expect(200);
    expect(body).toMatchObject({ correct: 120, total: 200 });
    expect(body.classes[0]).toMatchObject({ class: 'airplane', precision: null });
    expect(body.confusion).toHaveLength(10);
    const waiting = await submit(service);
    const missing = await service.agent.get(`/v1/jobs/${waiting}/results`).expect(404);
    expect(missing.body.detail).toContain('queued');
  });

  it('that failed after its best epoch has a partial test, which the history lists on request', async () => {
    const { jobId, token } = await startJob(service, { experiment: 'failed' });
    for (const epoch of [1, 2]) await service.db.attempts.epoch(token, metricsOf(epoch), null);
    const failure = { code: 'diverged', message: 'the loss of epoch 3 is not finite' } as const;
    const results = { ...resultsOf(120), partial: true };
    await service.db.attempts.fail(token, failure, { retryable: false, results });
    expect((await service.agent.get(`/v1/jobs/${jobId}`).expect(200)).body).toMatchObject({
      state: 'failed',
      test: { correct: 120, partial: true },
    });
    expect((await service.agent.get(`/v1/jobs/${jobId}/results`).expect(200)).body).toEqual(results);
    const history = async (query: string) =>
      (await service.agent.get(`/v1/results?experiment=failed${query}`).expect(200)).body.data;
    expect(await history('')).toEqual([]);
    expect(await history('&partial=true')).toMatchObject([{ jobId, partial: true, testAccuracy: 0.6 }]);
    await service.agent.get('/v1/results?partial=maybe').expect(400);
  });

  it('is in the history: filtered, sorted, and as CSV without formulas', async () => {
    await finishedJob(service, { experiment: 'done', architecture: 'lenet', name: 'better' }, 180);
    const rows = async (query: string) =>
      (await service.agent.get(`/v1/results?experiment=done&${query}`).expect(200)).body.data;
    expect(await rows('')).toHaveLength(2);
    expect((await rows('minAccuracy=0.7'))[0]).toMatchObject({ name: 'better', testAccuracy: 0.9, dataset: 'cifar10' });
    expect(await rows('minAccuracy=0.7')).toHaveLength(1);
    expect(await rows('maxAccuracy=0.1')).toEqual([]);
    expect(await rows('dataset=shapes')).toEqual([]);
    expect(await rows('from=2999-01-01T00:00:00Z')).toEqual([]);
    const filter = (text: string) => `filter=${encodeURIComponent(text)}`;
    expect((await rows(filter('test.accuracy >= 70%')))[0]).toMatchObject({ name: 'better' });
    expect(await rows(filter('test.accuracy >= 70% AND name != better'))).toEqual([]);
    expect(await rows('')).toEqual(await rows(filter('name = better OR name IS NULL OR name : "1+1"')));
    const wrong = await service.agent.get(`/v1/results?${filter('test.acuracy > 1')}`).expect(400);
    expect(wrong.body.detail).toContain('character 1: there is no field test.acuracy; did you mean test.accuracy?');
    expect(wrong.body.errors).toEqual([{ pointer: '/filter', detail: expect.any(String) }]);
    expect((await rows('sort=accuracy')).map((r: { jobId: string }) => r.jobId)[0]).toBe(id);
    const csv = await service.agent.get('/v1/results?experiment=done&sort=accuracy&format=csv&limit=1').expect(200);
    const lines = csv.text.trim().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(`${id},training,,'=1+1,done`);
  });
});

describe('architectures, datasets, workers and the queue', () => {
  it('lists the presets with their layers', async () => {
    const { body } = await service.agent.get('/v1/architectures').expect(200);
    const parameters = Object.fromEntries(
      body.data.map((p: { name: string; parameters: number }) => [p.name, p.parameters]),
    );
    expect(parameters).toMatchObject({ lenet: 62_006, vgg6: 5_852_170 });
    const recipes = body.data.find((p: { name: string }) => p.name === 'lenet').recipes;
    expect(Object.keys(recipes)).toEqual(['article', 'tuned']);
    expect(recipes.article).toEqual({ learningRate: 0.01, batchSize: 20, epochs: 30 });
  });

  it('describes a list of layers, or lists all its faults', async () => {
    const layers = [{ type: 'conv2d', filters: 2, kernel: 3 }, { type: 'flatten' }, { type: 'dense', units: 10 }];
    const { body } = await service.agent.post('/v1/architectures/describe').send({ layers }).expect(200);
    expect(body.layers[0].outputShape).toEqual([30, 30, 2]);
    const wrong = { layers: [{ type: 'conv2d', filters: 0, kernel: 99 }, { type: 'wat' }], classes: 1 };
    const answer = await service.agent.post('/v1/architectures/describe').send(wrong).expect(422);
    expect(answer.body.errors.length).toBeGreaterThanOrEqual(3);
  });

  it('lists datasets and workers', async () => {
    expect((await service.agent.get('/v1/datasets').expect(200)).body.data[0]).toMatchObject({ name: 'cifar10' });
    expect((await service.agent.get('/v1/workers').expect(200)).body).toMatchObject({ data: expect.any(Array) });
  });
});
