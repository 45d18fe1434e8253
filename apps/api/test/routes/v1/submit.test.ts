import { completeJobSpecSchema, type Memory, memorySchema } from '@trainyard/contracts';
import { newId } from '@trainyard/db';
import { nativeAvailability } from '@trainyard/executor-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const post = (body: object) => service.agent.post('/v1/jobs').send(body);
const jobs = async () => (await service.agent.get('/v1/jobs?limit=500')).body.data.length;

describe('submitting a job', () => {
  it('responds with 202 and the job’s location, and wakes the dispatcher', async () => {
    const wakes = service.wakes();
    const body = { architecture: 'lenet', learningRate: 0.01, batchSize: 20, epochs: 30 };
    const answer = await post(body).expect(202);
    expect(answer.body).toMatchObject({ state: 'queued', terminal: false, architecture: 'lenet', parameters: 62_006 });
    expect(answer.headers.location).toBe(`/v1/jobs/${answer.body.id}`);
    expect((await service.agent.get(answer.headers.location as string).expect(200)).body.id).toBe(answer.body.id);
    expect(service.wakes()).toBe(wakes + 1);
  });

  it('stores all defaults, the random seed and the dataset’s version: the spec can be submitted again', async () => {
    const { body } = await post({ architecture: 'lenet' }).expect(202);
    expect(completeJobSpecSchema.parse(body.spec)).toEqual(body.spec);
    expect(body.spec.dataset.version).toBe(3);
    const again = await post(body.spec).expect(202);
    expect(again.body.spec).toEqual(body.spec);
  });

  it('lists all faults of a spec with their pointers, and stores nothing', async () => {
    const before = await jobs();
    const wakes = service.wakes();
    const answer = await post({
      architecture: 'lenet9',
      learningRate: -1,
      batchSize: 5000,
      epoch: 3,
      dataset: { name: 'cifar10', limit: 0 },
      optimizer: { type: 'sgd', nesterov: true },
    }).expect(422);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ code: 'invalid_spec', status: 422 });
    const pointers = answer.body.errors.map((e: { pointer: string }) => e.pointer);
    for (const pointer of ['/architecture', '/learningRate', '/epoch', '/dataset/limit', '/optimizer/nesterov']) {
      expect(pointers).toContain(pointer);
    }
    expect(await jobs()).toBe(before);
    expect(service.wakes()).toBe(wakes);
  });

  it('refuses a batch larger than the training split', async () => {
    const { body } = await post({ architecture: 'lenet', recipe: 'article', batchSize: 900 }).expect(422);
    expect(body.errors).toEqual([{ pointer: '/batchSize', detail: expect.stringContaining('use at most 800') }]);
  });

  it('refuses a dataset that does not exist', async () => {
    const { body } = await post({ architecture: 'lenet', dataset: 'moon' }).expect(422);
    expect(body.errors).toEqual([{ pointer: '/dataset', detail: expect.stringContaining('"moon"') }]);
  });

  it.each([
    ['a list', []],
    ['a text', '"x"'],
    ['null', 'null'],
  ])('refuses %s as a spec', async (_, body) => {
    const answer = await service.agent.post('/v1/jobs').type('json').send(body).expect(422);
    expect(answer.body.errors).toHaveLength(1);
  });

  it('as a dry run returns the plan and stores nothing', async () => {
    const before = await jobs();
    const answer = await service.agent
      .post('/v1/jobs?dryRun=true')
      .send({ architecture: 'lenet', recipe: 'article', epochs: 2 })
      .expect(200);
    expect(answer.body).toMatchObject({ trainImages: 800, validationImages: 200, stepsPerEpoch: 40, totalSteps: 80 });
    expect(answer.body.architecture.layers[0].outputShape).toEqual([28, 28, 6]);
    expect(await jobs()).toBe(before);
  });

  it('says which recipe it chose for a small dataset, also as a dry run', async () => {
    const chosen = [expect.stringMatching(/^cifar10 has 1,000 images .* recipe small, /)];
    expect((await post({ architecture: 'lenet' }).expect(202)).body.chosen).toEqual(chosen);
    const plan = await service.agent.post('/v1/jobs?dryRun=true').send({ architecture: 'lenet' }).expect(200);
    expect(plan.body.chosen).toEqual(chosen);
    expect((await post({ architecture: 'lenet', recipe: 'tuned' }).expect(202)).body.chosen).toEqual([]);
  });

  it('as a dry run warns of a split that lacks classes', async () => {
    const warnings = async (dataset: object) => {
      const spec = { architecture: 'lenet', batchSize: 5, dataset: { name: 'cifar10', ...dataset } };
      return (await service.agent.post('/v1/jobs?dryRun=true').send(spec).expect(200)).body.warnings;
    };
    expect(await warnings({ validationSplit: 'head', validationFraction: 0.005 })).toEqual([
      expect.stringContaining('no validation image of 5 of 10 classes (dog, frog, horse, …)'),
    ]);
    expect(await warnings({ validationSplit: 'head' })).toEqual([]);
  });

  it('as a dry run estimates the trainer’s memory where there is a native executor', async () => {
    const trainerMemory = async (batchSize: number) => {
      const answer = await service.agent
        .post('/v1/jobs?dryRun=true')
        .send({ architecture: 'cnn3', batchSize })
        .expect(200);
      return memorySchema.nullable().parse(answer.body.memory);
    };
    const [small, large] = [await trainerMemory(20), await trainerMemory(400)];
    if (!nativeAvailability().available) return expect([small, large]).toEqual([null, null]);
    const { peakBytes, ...parts } = large as Memory;
    expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(peakBytes);
    expect(parts.stepBytes).toBeGreaterThan(2 * (small as Memory).stepBytes);
    expect(parts.stateBytes).toBe((small as Memory).stateBytes);
  });
});

describe.skipIf(!nativeAvailability().available)('the memory of the workers', () => {
  const worker = { hostname: 'h', pid: 1, executor: 'native', device: 'cpu', fault: null, jobId: null, attempt: null };
  const large = { architecture: 'vgg6', batchSize: 400 };
  const warnings = async () => {
    const plan = await service.agent.post('/v1/jobs?dryRun=true').send(large).expect(200);
    const job = await post(large).expect(202);
    expect(job.body.warnings).toEqual(plan.body.warnings);
    return plan.body.warnings;
  };

  it('is compared with what the job needs, at submission and as a dry run', async () => {
    expect(await warnings()).toEqual([]);
    await service.db.workers.heartbeat({ id: newId('wrk'), ...worker, memoryBytes: 300e6 });
    expect(await warnings()).toEqual([
      expect.stringMatching(/needs .* GB of memory, and the connected worker has 0\.3 GB/),
    ]);
    await service.db.workers.heartbeat({ id: newId('wrk'), ...worker, memoryBytes: 64e9 });
    expect(await warnings()).toEqual([]);
  });
});

describe('an idempotency key', () => {
  const send = (key: string, body: object) => post(body).set('idempotency-key', key);

  it('returns the same job for repeated requests, also with the spec’s keys in another order', async () => {
    const first = await send('again', { architecture: 'lenet', epochs: 4 }).expect(202);
    const wakes = service.wakes();
    const second = await send('again', { epochs: 4, architecture: 'lenet' }).expect(202);
    expect(second.body.id).toBe(first.body.id);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(second.headers.location).toBe(first.headers.location);
    expect(service.wakes()).toBe(wakes);
  });

  it('creates one job from concurrent requests', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send('at-once', { architecture: 'cnn3' })));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
  });

  it('cannot be used for another spec', async () => {
    await send('taken', { architecture: 'lenet' }).expect(202);
    const { body } = await send('taken', { architecture: 'cnn3' }).expect(422);
    expect(body.code).toBe('idempotency_key_reused');
  });

  it('is separate for each API key', async () => {
    const other = await service.db.keys.create({ name: 'other', role: 'submitter', project: 'default' });
    const mine = await send('shared', { architecture: 'lenet' }).expect(202);
    const theirs = await service.anonymous
      .post('/v1/jobs')
      .set({ authorization: `Bearer ${other.secret}`, 'idempotency-key': 'shared' })
      .send({ architecture: 'lenet' })
      .expect(202);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  it('with other characters than visible ASCII is refused', async () => {
    const { body } = await send('two words', { architecture: 'lenet' }).expect(400);
    expect(body.errors[0].pointer).toBe('/idempotency-key');
  });
});

describe('a request', () => {
  it('has the same id in its response and its log lines, which also have the job id', async () => {
    const id = await submit(service);
    const answer = await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
    const requestId = answer.headers['x-request-id'] as string;
    const logged = service.lines.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);
    expect(logged.some((line) => line.jobId === id)).toBe(true);
  });
});
