import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writePacked } from '@trainyard/datasets';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedJob, startJob } from '../../support/jobs.js';
import { classes, type Service, startService } from '../../support/service.js';

let service: Service;
let source = '';
beforeAll(async () => {
  service = await startService();
  await addSmall('two', [32, 32, 3], classes.slice(0, 2));
  await addSmall('grey', [32, 32, 1], classes);
  source = await finishedJob(service, { seed: 1 });
});
afterAll(() => service.close());

async function addSmall(name: string, imageShape: [number, number, number], names: string[]): Promise<void> {
  const file = service.datasets.shared.file({ name, version: 1 });
  await mkdir(dirname(file), { recursive: true });
  const images = new Uint8Array(50 * imageShape[0] * imageShape[1] * imageShape[2]);
  const part = { images, labels: new Int32Array(50) };
  await writePacked(file, { name, version: 1, classes: names, imageShape, source: 'test', train: part, test: part });
}

const post = (initialWeights: object, changes: object = {}, query = '') =>
  service.agent.post(`/v1/jobs${query}`).send({ architecture: 'lenet', initialWeights, ...changes });

async function faultsOf(initialWeights: object, changes: object = {}): Promise<string[]> {
  const { body } = await post(initialWeights, changes).expect(422);
  return body.errors.map(({ pointer, detail }: { pointer: string; detail: string }) => `${pointer} ${detail}`);
}

it('a job stores the checkpoint that it starts from, with its digest, and is found by it', async () => {
  const { body: job } = await post({ job: source }).expect(202);
  const { body: checkpoints } = await service.agent.get(`/v1/jobs/${source}/checkpoints`);
  const { weightsSha256 } = checkpoints.data.find(({ best }: { best: boolean }) => best);
  expect(job.initialWeights).toEqual({
    ...{ jobId: source, epoch: 2, upload: null, file: null },
    ...{ weightsSha256, fromSeed: [] },
  });
  expect(job.spec.initialWeights).toEqual({ job: source, upload: null, checkpoint: 2, newHead: false });
  expect(job.chosen).toContain(`weights start from epoch 2 of ${source}`);
  const { body: again } = await service.agent.get(`/v1/jobs/${job.id}`).expect(200);
  expect(again.initialWeights).toEqual(job.initialWeights);
  const filter = encodeURIComponent(`initialWeights.job = "${source}"`);
  const { body: list } = await service.agent.get(`/v1/jobs?filter=${filter}`).expect(200);
  expect(list.data.map(({ id }: { id: string }) => id)).toEqual([job.id]);
  expect((await service.agent.get(`/v1/jobs/${source}`)).body.initialWeights).toBeNull();
});

it('the head starts from the seed where the classes differ, or where that is wanted', async () => {
  const { body: plan } = await post({ job: source }, { dataset: 'two' }, '?dryRun=true').expect(200);
  expect(plan.spec.initialWeights).toMatchObject({ newHead: true });
  expect(plan.chosen).toContain(`weights start from epoch 2 of ${source}; dense_3/kernel, dense_3/bias from the seed`);
  const { body: job } = await post({ job: source, checkpoint: 1, newHead: true }).expect(202);
  expect(job.initialWeights).toMatchObject({ epoch: 1, fromSeed: ['dense_3/kernel', 'dense_3/bias'] });
});

it('every weight that does not fit is listed at once', async () => {
  expect(await faultsOf({ job: source, newHead: false }, { dataset: 'two' })).toEqual([
    '/initialWeights dense_3/kernel is [84, 10] in the checkpoint, and [84, 2] in the network',
    '/initialWeights dense_3/bias is [10] in the checkpoint, and [2] in the network',
  ]);
  expect(await faultsOf({ job: source }, { dataset: 'grey' })).toEqual([
    '/initialWeights conv2d_1/kernel is [5, 5, 3, 6] in the checkpoint, and [5, 5, 1, 6] in the network',
  ]);
  const layers = [{ type: 'conv2d', filters: 6, kernel: 5, bias: false }, { type: 'batchNorm' }];
  const faults = await faultsOf(
    { job: source },
    { architecture: { layers: [...layers, { type: 'flatten' }, { type: 'dense', units: 10 }] } },
  );
  expect(faults).toHaveLength(4 + 1 + 2 + 6);
  expect(faults).toContain(
    '/initialWeights the checkpoint lacks batch_normalization_1/gamma, which the network has as [6]',
  );
  expect(faults).toContain('/initialWeights the checkpoint has conv2d_1/bias [6], which the network does not have');
});

it('says which checkpoint, job or field there is not', async () => {
  expect(await faultsOf({ job: source, checkpoint: 7 })).toEqual([
    `/initialWeights/checkpoint job ${source} has no checkpoint of epoch 7; it has those of the epochs 1, 2`,
  ]);
  const { jobId } = await startJob(service);
  expect(await faultsOf({ job: jobId })).toEqual([
    `/initialWeights/checkpoint job ${jobId} has no best checkpoint; it has none of a whole epoch`,
  ]);
  expect((await faultsOf({ job: 'job_01jzzzzzzzzzzzzzzzzzzzzzzz' }))[0]).toMatch(/^\/initialWeights\/job this project/);
  expect((await faultsOf({ job: source, epoch: 1 }))[0]).toMatch(/^\/initialWeights/);
});

it('keeps a copy of the weights, so that a replay needs neither the checkpoint nor its job', async () => {
  const trained = await finishedJob(service, { seed: 3 });
  const key = { 'idempotency-key': 'once' };
  const { body: job } = await post({ job: trained }).set(key).expect(202);
  const repeated = await post({ job: trained }).set(key).expect(202);
  expect(repeated.body.id).toBe(job.id);
  const weights = ({ id }: { id: string }) => {
    const folder = service.artifacts.folder(service.artifacts.initialKey(id));
    return readFile(join(folder, 'weights.bin'));
  };
  const expected = await weights(job);
  expect(await service.artifacts.keys(job.id)).toEqual([]);
  await service.agent.delete(`/v1/jobs/${trained}`).expect(204);
  await post({ job: trained }).expect(422);
  await post({ job: trained }, {}, '?dryRun=true').set(key).expect(422);
  const { body: again, headers } = await post({ job: trained }).set(key).expect(202);
  expect([again.id, headers['idempotency-replayed']]).toEqual([job.id, 'true']);
  const { body: replay } = await service.agent.post(`/v1/jobs/${job.id}/replay`).expect(202);
  expect(replay.initialWeights).toEqual(job.initialWeights);
  expect((await weights(replay)).equals(expected)).toBe(true);
  await service.agent.post(`/v1/jobs/${job.id}/cancel`).expect(202);
  await service.agent.delete(`/v1/jobs/${job.id}`).expect(204);
  await expect(weights(job)).rejects.toThrow('ENOENT');
  const changes = { dataset: { name: 'two' } };
  await service.agent.post(`/v1/jobs/${replay.id}/replay`).send({ changes }).expect(422);
});

/** Uploads a file as the client does, in one request. */
async function upload(bytes: Uint8Array, name: string): Promise<string> {
  const { body } = await service.agent
    .post('/v1/uploads')
    .set('tus-resumable', '1.0.0')
    .set('upload-length', String(bytes.length))
    .set('upload-metadata', `filename ${Buffer.from(name).toString('base64')}`)
    .set('content-type', 'application/offset+octet-stream')
    .send(Buffer.from(bytes))
    .expect(201);
  return body.id;
}

async function exported(layout: 'tensorflow' | 'torch'): Promise<Buffer> {
  const url = `/v1/jobs/${source}/checkpoints/2/download?format=safetensors&layout=${layout}`;
  const { body } = await service.agent.get(url).responseType('blob').expect(200);
  return body as Buffer;
}

it.each(['tensorflow', 'torch'] as const)('a job starts from an uploaded file in the layout of %s', async (layout) => {
  const bytes = await exported(layout);
  const id = await upload(bytes, 'lenet.safetensors');
  const { body: job } = await post({ upload: id }, { dataset: 'two' }).expect(202);
  expect(job.initialWeights).toEqual({
    ...{ jobId: null, epoch: null, upload: id, file: 'lenet.safetensors' },
    weightsSha256: createHash('sha256').update(bytes).digest('hex'),
    fromSeed: ['dense_3/kernel', 'dense_3/bias'],
  });
  expect(job.spec.initialWeights).toEqual({ job: null, upload: id, checkpoint: null, newHead: true });
  await service.agent.delete(`/v1/uploads/${id}`).set('tus-resumable', '1.0.0').expect(204);
  const folder = service.artifacts.folder(service.artifacts.initialKey(job.id));
  expect((await readFile(join(folder, 'upload.safetensors'))).equals(bytes)).toBe(true);
  const { body: replay } = await service.agent.post(`/v1/jobs/${job.id}/replay`).expect(202);
  expect(replay.initialWeights).toEqual(job.initialWeights);
});

it('every tensor of an upload that does not fit is listed under its own name', async () => {
  const id = await upload(await exported('torch'), 'lenet.safetensors');
  expect(await faultsOf({ upload: id, newHead: false }, { dataset: 'two' })).toEqual([
    '/initialWeights dense_3.weight is [10, 84] in lenet.safetensors, and [2, 84] in the network',
    '/initialWeights dense_3.bias is [10] in lenet.safetensors, and [2] in the network',
  ]);
  const text = await upload(Buffer.from('no weights at all'), 'notes.txt');
  expect((await faultsOf({ upload: text }))[0]).toMatch(/^\/initialWeights\/upload notes.txt is no safetensors file: /);
  const large = await upload(Buffer.alloc(3_000_000), 'large');
  expect((await faultsOf({ upload: large }))[0]).toMatch(
    /large has 3000000 bytes, and the weights of the network only/,
  );
  expect((await faultsOf({ upload: 'upl_01jzzzzzzzzzzzzzzzzzzzzzzz' }))[0]).toMatch(
    /^\/initialWeights\/upload upload upl/,
  );
  expect(await faultsOf({})).toEqual(['/initialWeights must have job or upload, one of them (is an object)']);
  expect(await faultsOf({ upload: id, checkpoint: 1 })).toEqual([
    '/initialWeights/checkpoint is a choice of a job; leave it out, or name a job (is 1)',
  ]);
});

it('a key of another project can start from neither the jobs nor the uploads of this one', async () => {
  const id = await upload(await exported('torch'), 'lenet.safetensors');
  const { secret } = await service.db.keys.create({ name: 'robots', role: 'submitter', project: 'robots' });
  for (const initialWeights of [{ job: source }, { upload: id }]) {
    const { body } = await post(initialWeights).set('authorization', `Bearer ${secret}`).expect(422);
    expect(body.errors[0].detail).toMatch(/^this project has no job|^upload upl_\w+ does not exist|^there is no/);
  }
});
