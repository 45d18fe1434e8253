import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writePacked } from '@trainyard/datasets';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob, resultsOf } from '../../support/jobs.js';
import { addDataset, classes, type Service, startService } from '../../support/service.js';

let service: Service;
let source = '';
beforeAll(async () => {
  service = await startService();
  await addDataset(service.datasets.shared, 'other');
  await addSmall('renamed', [32, 32, 3], classes.with(3, 'lynx'));
  await addSmall('grey', [28, 28, 1], classes);
  source = await finishedJob(service, { seed: 1, experiment: 'night', stopAfter: { seconds: 60 } });
});
afterAll(() => service.close());

async function addSmall(name: string, imageShape: [number, number, number], names: string[]): Promise<void> {
  const file = service.datasets.shared.file({ name, version: 1 });
  await mkdir(dirname(file), { recursive: true });
  const part = {
    images: new Uint8Array(10 * imageShape[0] * imageShape[1] * imageShape[2]),
    labels: new Int32Array(10),
  };
  await writePacked(file, { name, version: 1, classes: names, imageShape, source: 'test', train: part, test: part });
}

const post = (body: object = {}, { job = source, ref = 'best' } = {}) =>
  service.agent.post(`/v1/jobs/${job}/checkpoints/${ref}/test`).send(body);

/** Runs a queued test as a worker would. */
async function finishTest(jobId: string, correct = 140): Promise<void> {
  const workerId = 'wrk_01jzzzzzzzzzzzzzzzzzzzzzzz';
  const opened = await service.db.attempts.open({ jobId, attempt: 1, workerId });
  await service.db.attempts.succeed(opened?.token ?? '', resultsOf(correct), { epochs: 0 });
}

it('makes a job of its own that names the checkpoint, on the dataset that it is given', async () => {
  const { body: trained } = await service.agent.get(`/v1/jobs/${source}`);
  const sent = { dataset: 'other', testAugmentation: 'mirror', name: 'on other', tags: ['t'], priority: 5 };
  const { body: job, headers } = await post(sent).expect(202);
  expect(headers.location).toBe(`/v1/jobs/${job.id}`);
  const { body: checkpoints } = await service.agent.get(`/v1/jobs/${source}/checkpoints`);
  const { weightsSha256 } = checkpoints.data.find(({ best }: { best: boolean }) => best);
  expect(job).toMatchObject({
    kind: 'test',
    source: { jobId: source, epoch: 2, weightsSha256, validationLoss: 1.05 },
    ...{ state: 'queued', dataset: 'other', datasetVersion: 3, name: 'on other', tags: ['t'], priority: 5 },
    ...{ experiment: 'night', architecture: 'lenet', parameters: trained.parameters, replayOf: null },
  });
  expect(trained).toMatchObject({ kind: 'training', source: null });
  const { dataset, testAugmentation, name, tags, priority, stopAfter, ...rest } = job.spec;
  expect(dataset).toEqual({ ...trained.spec.dataset, name: 'other' });
  expect({ testAugmentation, name, tags, priority, stopAfter }).toEqual({
    ...{ testAugmentation: 'mirror', name: 'on other', tags: ['t'], priority: 5, stopAfter: null },
  });
  expect(trained.spec).toMatchObject(rest);
  const { body: again } = await service.agent.get(`/v1/jobs/${job.id}`).expect(200);
  expect(again).toMatchObject({ kind: 'test', source: job.source });
});

it('without a body, tests on the dataset of the training; a repeated request gives the same job', async () => {
  const key = { 'idempotency-key': 'once' };
  const url = `/v1/jobs/${source}/checkpoints/1/test`;
  const { body: job } = await service.agent.post(url).set(key).expect(202);
  expect(job).toMatchObject({ dataset: 'cifar10', datasetVersion: 3, source: { epoch: 1 } });
  const repeated = await service.agent.post(url).set(key).expect(202);
  expect([repeated.body.id, repeated.headers['idempotency-replayed']]).toEqual([job.id, 'true']);
  await service.agent.post(url.replace('/1/', '/2/')).set(key).expect(422);
});

it('is refused where the images or classes are others, with both sets named', async () => {
  const detail = async (dataset: unknown) => {
    const { body } = await post({ dataset }).expect(422);
    return body.errors.map((fault: { pointer: string; detail: string }) => `${fault.pointer} ${fault.detail}`);
  };
  expect(await detail('renamed')).toEqual([
    '/dataset must have the classes of cifar10@3, on which the checkpoint was trained, in their order ' +
      `(${classes.join(', ')}); renamed@1 has ${classes.with(3, 'lynx').join(', ')}`,
  ]);
  expect(await detail({ name: 'grey' })).toEqual([
    '/dataset must have images of 32x32x3 pixels, as the checkpoint takes; grey@1 has 28x28x1: import it with ' +
      '--size 32x32 and --channels 3',
  ]);
  expect((await detail({ name: 'other', version: 9 }))[0]).toMatch(/^\/dataset there is no dataset "other" version 9/);
});

it('is refused for what is no checkpoint, no job, or no option', async () => {
  await post({}, { ref: '9' }).expect(404);
  await post({}, { job: 'job_01jzzzzzzzzzzzzzzzzzzzzzzz' }).expect(404);
  expect((await post({ epochs: 3 }).expect(400)).body.errors[0].pointer).toBe('/epochs');
  const { body: job } = await post().expect(202);
  await post({}, { job: job.id }).expect(404);
  const replay = await service.agent.post(`/v1/jobs/${job.id}/replay`).expect(409);
  expect(replay.body.detail).toContain(source);
});

it('has results, and stands in the history and in comparisons as a test', async () => {
  const sibling = await finishedJob(service, { seed: 2, experiment: 'night', stopAfter: { seconds: 60 } }, 100);
  const { body: job } = await post({ dataset: 'other' }).expect(202);
  await finishTest(job.id);
  const { body: ended } = await service.agent.get(`/v1/jobs/${job.id}`).expect(200);
  expect(ended).toMatchObject({ state: 'succeeded', best: null, progress: null, test: { correct: 140 } });
  expect((await service.agent.get(`/v1/jobs/${job.id}/results`).expect(200)).body).toMatchObject({ epoch: 2 });
  await service.agent.get(`/v1/jobs/${job.id}/confusion.svg`).expect(200);
  const list = async (filter: string) => {
    const { body } = await service.agent.get(`/v1/results?filter=${encodeURIComponent(filter)}`).expect(200);
    return body.data;
  };
  expect(await list(`kind = test AND source = ${source}`)).toMatchObject([
    { jobId: job.id, kind: 'test', sourceJobId: source, dataset: 'other', bestEpoch: 2, validationLoss: 1.05 },
  ]);
  expect((await list('kind = training')).map(({ jobId }: { jobId: string }) => jobId)).toEqual([sibling, source]);
  const ids = [source, sibling, job.id];
  const { body: comparison } = await service.agent.get(`/v1/compare?jobs=${ids}`).expect(200);
  expect(comparison.jobs.map(({ kind }: { kind: string }) => kind)).toEqual(['training', 'training', 'test']);
  expect(comparison.seeds.map(({ jobs }: { jobs: string[] }) => jobs)).toEqual([[source, sibling]]);
  const { body: experiments } = await service.agent.get('/v1/experiments').expect(200);
  expect(experiments.data).toMatchObject([{ name: 'night', best: { jobId: source, accuracy: 0.6 } }]);
});

it('says which checkpoint of the training is gone when it starts', async () => {
  const trained = await finishedJob(service);
  const { body: job } = await post({}, { job: trained }).expect(202);
  const opened = async (attempt: number) => {
    const workerId = 'wrk_01jzzzzzzzzzzzzzzzzzzzzzzz';
    return service.db.attempts.open({ jobId: job.id, attempt, workerId });
  };
  const first = await opened(1);
  expect(first?.tests).toMatchObject({ jobId: trained, epoch: 2, key: `jobs/${trained}/1-2-0` });
  await service.db.attempts.handBack(first?.token ?? '', null);
  await service.agent.delete(`/v1/jobs/${trained}`).expect(204);
  expect((await opened(2))?.tests).toMatchObject({ jobId: trained, epoch: 2, key: null });
});
