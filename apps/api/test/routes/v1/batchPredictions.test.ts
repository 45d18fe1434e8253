import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { type Service, startService } from '../../support/service.js';

let service: Service;
let job = '';
beforeAll(async () => {
  service = await startService({
    limits: { requestsPerMinute: null, queuedJobs: 2, trainingSecondsPerDay: 100 },
  });
  job = await finishedJob(service, { experiment: 'night' });
});
afterAll(() => service.close());

const post = (body: object) => service.agent.post('/v1/predictions').send(body);
const faultsOf = async (body: object, status = 400) => {
  const { body: problem } = await post(body).expect(status);
  return problem.errors.map(({ pointer, detail }: { pointer: string; detail: string }) => `${pointer} ${detail}`);
};

// The table itself, and what kills and cancellations do: test/e2e/batchPredictions.test.ts.
describe('predictions of many images', () => {
  it('need one model and one source, and name each fault of the body', async () => {
    expect(await faultsOf({})).toEqual([
      ' must have jobId or experiment, one of them',
      ' must have dataset or uploadId, one of them',
    ]);
    const both = { jobId: job, alias: 'champion', dataset: 'cifar10', uploadId: `upl_${'0'.repeat(26)}` };
    expect(await faultsOf(both)).toEqual([
      ' must have dataset or uploadId, one of them',
      '/alias is only for a body with experiment; leave it out',
    ]);
    expect(await faultsOf({ jobId: job, dataset: 'cifar10', split: 'validation' })).toEqual([
      '/split cifar10@3 has no validation images; choose another split',
    ]);
    await post({ jobId: job, dataset: 'pets' }).expect(404);
    await post({ jobId: job, checkpoint: '7', dataset: 'cifar10' }).expect(404);
    await post({ experiment: 'day', dataset: 'cifar10' }).expect(404);
    await post({ jobId: job, uploadId: `upl_${'0'.repeat(26)}` }).expect(404);
    const { id: uploadId } = await service.uploads.create('default', 'pets.zip', 9);
    await post({ jobId: job, uploadId }).expect(409);
  });

  it('are listed, cancelled and deleted; their results are there when they have succeeded', async () => {
    const { body, headers } = await post({ experiment: 'night', dataset: 'cifar10' }).expect(202);
    expect(headers.location).toBe(`/v1/predictions/${body.id}`);
    expect(body).toMatchObject({
      state: 'queued',
      model: { jobId: job, epoch: 2 },
      source: { kind: 'dataset', name: 'cifar10', version: 3, split: 'test' },
    });
    const at = `/v1/predictions/${body.id}`;
    expect((await service.agent.get('/v1/predictions').expect(200)).body.data).toEqual([body]);
    await service.agent.get(`${at}/download`).expect(409);
    await service.agent.delete(at).expect(409);
    await service.agent.post(`${at}/cancel`).expect(202);
    expect((await service.agent.post(`${at}/cancel`).expect(200)).body).toMatchObject({ state: 'cancelled' });
    await service.agent.delete(at).expect(204);
    await service.agent.get(at).expect(404);
  });

  it('count for the limits of queued jobs and of training seconds of a key', async () => {
    const body = { jobId: job, dataset: 'cifar10' };
    for (let i = 0; i < 2; i++) await post(body).expect(202);
    expect((await post(body).expect(429)).body).toMatchObject({ code: 'quota_exceeded', limit: 'queuedJobs' });
    const row = await service.db.batches.claim('runner');
    expect(row).toMatchObject({ state: 'running', checkpointKey: `jobs/${job}/1-2-0` });
    const file = { bytes: 1000, sha256: '0'.repeat(64) };
    const results = { images: 200, unreadable: 0, csv: file, parquet: file, folder: 'f' };
    expect(await service.db.batches.end(row?.id ?? '', 'other', { state: 'succeeded', results })).toBe(false);
    expect(await service.db.batches.end(row?.id ?? '', 'runner', { state: 'succeeded', results })).toBe(true);
    expect(await service.db.batches.bytesOf('default')).toBe(2000);
    const usage = await service.db.usage.of(service.admin.id, 9, true);
    expect(usage.queuedJobs).toBe(1);
    expect(usage.trainingSeconds).toBeGreaterThan(0);
  });
});
