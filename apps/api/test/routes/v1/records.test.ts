import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobRecord } from '@trainyard/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { digestOf, predictionsOf, testedJob } from '../../support/predictions.js';
import { type Service, startService, submit } from '../../support/service.js';

let there: Service;
let here: Service;
let job: string;
let record: JobRecord;
const from = 'https://old.example';

beforeAll(async () => {
  [there, here] = await Promise.all([startService(), startService()]);
  job = await finishedJob(there, { name: 'moved', tags: ['night'], notes: 'a note', experiment: 'cifar' });
  record = await recordOf(there, job);
});
afterAll(() => Promise.all([there.close(), here.close()]));

async function recordOf({ agent }: Service, id: string): Promise<JobRecord> {
  return (await agent.get(`/v1/jobs/${id}/record`).expect(200)).body;
}

const store = (body: JobRecord, id = body.job.id) => here.agent.put(`/v1/jobs/${id}/record`).query({ from }).send(body);

/** Copies the files of a record from one service to the other. */
async function sendFiles({ job: { id }, files }: JobRecord): Promise<void> {
  for (const { folder, name, sha256 } of files) {
    const path = `/v1/jobs/${id}/files/${folder}/${name}`;
    const { body } = await there.agent.get(path).buffer(true).expect(200);
    expect(createHash('sha256').update(body).digest('hex')).toBe(sha256);
    await send(path, body, sha256).expect(204);
  }
}

const send = (path: string, bytes: Buffer, sha256: string) => {
  const digest = `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
  return here.agent.put(path).set({ 'content-type': 'application/octet-stream', 'repr-digest': digest }).send(bytes);
};

/** What the service answers of a job, without where it was imported from. */
async function answers({ agent }: Service, id: string) {
  const paths = ['', '/metrics', '/results', '/checkpoints', '/checkpoints/best', '/events', '/predictions'];
  const all = await Promise.all(paths.map((path) => agent.get(`/v1/jobs/${id}${path}`)));
  return all.map(({ status, body }) => ({ status, body: { ...body, imported: null, requestId: null } }));
}

describe('a record', () => {
  it('is stored once its files are there, and answers as before under its id', async () => {
    const first = await store(record).expect(200);
    expect(first.body).toEqual({
      id: job,
      outcome: 'incomplete',
      missing: record.files.map(({ folder, name }) => `${folder}/${name}`),
    });
    await here.agent.get(`/v1/jobs/${job}`).expect(404);
    await sendFiles(record);
    expect((await store(record).expect(200)).body.outcome).toBe('imported');
    expect((await store(record).expect(200)).body.outcome).toBe('unchanged');
    expect(await answers(here, job)).toEqual(await answers(there, job));
    expect(await recordOf(here, job)).toEqual(record);
    const { body } = await here.agent.get(`/v1/jobs/${job}`).expect(200);
    expect(body.imported).toEqual({ from, at: expect.any(String) });
    const digests = [there, here].map(({ agent }) => agent.get(`/v1/jobs/${job}/checkpoints/best/download`));
    const [theirs, ours] = (await Promise.all(digests)).map(({ headers }) => headers['repr-digest']);
    expect(ours).toBe(theirs);
  });

  it('has the predictions of the test, and its labels give way to those of a test here', async () => {
    const digest = await digestOf(there);
    const id = await testedJob(
      there,
      predictionsOf(digest, (image) => image % 3),
    );
    const moved = await recordOf(there, id);
    const false_ = Buffer.alloc(400).toString('base64');
    const wrong = { ...moved, predictions: { ...(moved.predictions as object), labels: false_ } } as JobRecord;
    await store(wrong).expect(200);
    expect((await store(moved).expect(409)).body.detail).toContain('its predictions differ');
    const own = await testedJob(
      here,
      predictionsOf(digest, (image) => image % 3),
    );
    const [theirs, ours] = await Promise.all([recordOf(there, id), recordOf(here, own)]);
    expect(ours.predictions).toEqual(theirs.predictions);
    expect(await answers(here, id)).toEqual(await answers(there, id));
  });

  it('of a job that is here with other content is refused, and edits of the job here are kept', async () => {
    const other = structuredClone(record);
    Object.assign(other.epochs[0] as object, { trainLoss: 7 });
    expect((await store(other).expect(409)).body.detail).toContain('its epochs differ');
    await here.agent.patch(`/v1/jobs/${job}`).send({ notes: 'edited here' }).expect(200);
    expect((await store(record).expect(200)).body.outcome).toBe('unchanged');
    expect((await here.agent.get(`/v1/jobs/${job}`)).body.notes).toBe('edited here');
  });

  it('of a job that was deleted here is stored again', async () => {
    await here.agent.delete(`/v1/jobs/${job}`).expect(204);
    await sendFiles(record);
    expect((await store(record).expect(200)).body.outcome).toBe('imported');
    expect(await here.db.deletions.list(10)).toEqual([]);
  });

  it('whose parts do not fit together is refused with every fault', async () => {
    const broken = structuredClone(record);
    broken.job.spec = { architecture: 'lenet' };
    broken.checkpoints.length = 1;
    broken.confusion[0] = { actual: 0, predicted: 10, count: 1 };
    const { body } = await store(broken).expect(400);
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer.split('/').slice(0, 3).join('/'));
    expect(pointers).toEqual(['/job/spec', '/files', '/confusion']);
    const absent = structuredClone(record);
    absent.job.id = 'job_01jzzzzzzzzzzzzzzzzzzzzzzz';
    absent.files = [];
    absent.checkpoints = [];
    absent.epochs.push({ ...(absent.epochs[0] as JobRecord['epochs'][number]), epoch: 3, attempt: 2 });
    expect((await store(absent).expect(400)).body.detail).toContain('foreign key');
    await store(record, absent.job.id).expect(400);
  });

  it('is not given before the job has ended, and taken from admins alone', async () => {
    await there.agent.get(`/v1/jobs/${await submit(there)}/record`).expect(409);
    const { secret } = await here.db.keys.create({ name: 's', role: 'submitter', project: 'default' });
    const request = here.anonymous.put(`/v1/jobs/${job}/record`).query({ from });
    await request
      .set({ authorization: `Bearer ${secret}` })
      .send(record)
      .expect(403);
  });

  it('counts in no forecast, and webhooks get none of its events', async () => {
    const quantiles = { p10: 0, p50: 1, p90: 1e9 };
    const forecast = { startSeconds: quantiles, runSeconds: quantiles, similarJobs: 3, reason: '', expectedStart: 0 };
    const moved = { ...structuredClone(record), files: [], checkpoints: [] };
    Object.assign(moved.job, { id: 'job_01jzzzzzzzzzzzzzzzzzzzzzzz', forecast });
    const hook = { url: 'https://hooks.example.com/', events: ['succeeded' as const], filter: null };
    const { id } = await here.project.webhooks.create(hook, here.admin.id);
    await store(moved).expect(200);
    const { body } = await here.agent.get(`/v1/webhooks/${id}/deliveries`).expect(200);
    expect(body.data).toEqual([]);
    expect((await here.db.forecasts.scores()).start.count).toBe(0);
    const client = new pg.Client({ connectionString: here.databaseUrl });
    await client.connect();
    await client.query('UPDATE jobs SET imported = NULL');
    await client.end();
    expect((await here.db.forecasts.scores()).start.count).toBe(1);
    await finishedJob(here);
    expect((await here.agent.get(`/v1/webhooks/${id}/deliveries`)).body.data).toHaveLength(1);
  });
});

describe('a file', () => {
  const path = '/v1/jobs/job_01jyyyyyyyyyyyyyyyyyyyyyyy/files/1-1-0/weights.bin';

  it('with another digest is refused, and both digests are named', async () => {
    const [said, is] = ['a', 'b'].map((text) => createHash('sha256').update(text).digest('hex'));
    const { body } = await send(path, Buffer.from('b'), said as string).expect(400);
    expect(body.detail).toContain(`1-1-0/weights.bin does not match its SHA-256: it has ${is} instead of ${said}`);
  });

  it('that was damaged on the disk is sent with the digest that it has', async () => {
    const { files } = await recordOf(there, job);
    const weights = files.find(({ name, folder }) => name === 'weights.bin' && folder === '1-2-0');
    await appendFile(join(there.artifacts.folder(`jobs/${job}/1-2-0`), 'weights.bin'), 'x');
    const { headers } = await there.agent.get(`/v1/jobs/${job}/files/1-2-0/weights.bin`).expect(200);
    expect(headers.etag).not.toBe(`"${weights?.sha256}"`);
  });
});

it('the aliases of an experiment come with their moves; repeated, nothing is moved', async () => {
  const path = '/v1/experiments/cifar/aliases/champion';
  for (const checkpoint of ['1', '2']) await there.agent.put(path).send({ jobId: job, checkpoint }).expect(200);
  const { body } = await there.agent.get('/v1/experiments/cifar/record').expect(200);
  const put = () => here.agent.put('/v1/experiments/cifar/record').send(body);
  expect((await put().expect(200)).body).toEqual(body);
  expect((await put().expect(200)).body).toEqual(body);
  expect((await here.agent.get(path)).body).toEqual((await there.agent.get(path)).body);
  await here.agent.put(path).send({ jobId: job, checkpoint: '1' }).expect(200);
  expect((await put().expect(409)).body.detail).toContain('the alias cifar@champion points to epoch 1');
});

it('a record of values that no column holds is refused', async () => {
  const digest = '0'.repeat(64);
  const move = {
    alias: 'a',
    jobId: job,
    weightsSha256: digest,
    keyId: `key_${'0'.repeat(26)}`,
    movedAt: '2000-01-01T00:00:00Z',
  };
  const put = (moves: unknown[]) => here.agent.put('/v1/experiments/x/record').send({ version: 1, aliases: [], moves });
  await put([{ ...move, epoch: 2 ** 40 }]).expect(400);
  const { body } = await put([{ ...move, epoch: 1, movedAt: '0000-01-01T00:00:00Z' }]).expect(400);
  expect(body.detail).toContain('SQLSTATE 22');
});
