import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importAny } from '@trainyard/datasets';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
let folder: string;
beforeAll(async () => {
  service = await startService();
  folder = await mkdtemp(join(tmpdir(), 'datasets-'));
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

async function keyOf(role: 'reader' | 'submitter' | 'admin', project: string) {
  const { secret } = await service.db.keys.create({ name: role, role, project });
  const call = (method: 'get' | 'post' | 'patch' | 'delete') => (url: string) =>
    service.anonymous[method](url).set('authorization', `Bearer ${secret}`);
  return { get: call('get'), post: call('post'), patch: call('patch'), delete: call('delete') };
}

describe('a dataset', () => {
  it('is described with its counts, and by version', async () => {
    const { body } = await service.agent.get('/v1/datasets/cifar10').expect(200);
    expect(body).toMatchObject({ name: 'cifar10', version: 3, shared: true, skippedCount: 0, validationImages: 0 });
    expect(body.counts).toEqual({
      train: Array(10).fill(100),
      validation: Array(10).fill(0),
      test: Array(10).fill(20),
    });
    await service.agent.get('/v1/datasets/cifar10?version=3').expect(200);
    await service.agent.get('/v1/datasets/cifar10?version=2').expect(404);
    await service.agent.get('/v1/datasets/nothing').expect(404);
    const { body: listed } = await service.agent.get('/v1/datasets?name=nothing').expect(200);
    expect(listed.data).toEqual([]);
    await service.agent.get('/v1/datasets?limit=1').expect(400);
  });

  it('is shown as a grid of its images', async () => {
    const { body, headers } = await service.agent
      .get('/v1/datasets/cifar10/samples?count=10&columns=5&scale=2')
      .expect(200);
    expect(headers['content-type']).toBe('image/png');
    const { data, info } = await sharp(body).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([2 + 5 * 66, 2 + 2 * 66]);
    // The test's images are black, and what is between them is white.
    expect(data[0]).toBe(255);
    expect(data[(3 * info.width + 3) * info.channels]).toBe(0);
    const { body: problem } = await service.agent.get('/v1/datasets/cifar10/samples?class=cow').expect(404);
    expect(problem.detail).toContain('no class cow');
  });

  it('is exported as a tar that imports to the same content', async () => {
    const { body, headers } = await service.agent
      .get('/v1/datasets/cifar10/export')
      .buffer(true)
      .parse(readAll)
      .expect(200);
    expect(headers['content-disposition']).toBe('attachment; filename="cifar10-3.tar"');
    const file = join(folder, 'export.tar');
    await writeFile(file, body);
    const copy = await importAny(service.datasets.shared, file, { name: 'copy' });
    const { body: original } = await service.agent.get('/v1/datasets/cifar10').expect(200);
    expect(copy).toMatchObject({ trainImages: 1000, testImages: 200, classes: original.classes });
    expect(copy.mean).toEqual(original.mean);
    await service.agent.delete('/v1/datasets/copy').expect(204);
    await service.agent.get('/v1/datasets/copy').expect(404);
  });

  it('is neither deleted nor renamed while a job that has not ended needs it', async () => {
    const id = await submit(service, {});
    const { body } = await service.agent.delete('/v1/datasets/cifar10?version=3').expect(409);
    expect(body.detail).toContain(`needed by jobs that have not ended (${id})`);
    await service.agent.patch('/v1/datasets/cifar10').send({ name: 'other' }).expect(409);
    await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
  });

  it('that all share is changed by admins of the default project alone', async () => {
    for (const key of [await keyOf('submitter', 'default'), await keyOf('admin', 'robots')]) {
      await key.get('/v1/datasets/cifar10').expect(200);
      const { body } = await key.delete('/v1/datasets/cifar10').expect(403);
      expect(body.detail).toContain('shared by all projects');
    }
    await (await keyOf('reader', 'default')).delete('/v1/datasets/cifar10').expect(403);
  });

  it('of a project is its own: others neither see it nor train on it, and its submitters change it', async () => {
    const own = service.datasets.project('robots').own;
    const file = join(folder, 'small.tar');
    const { body } = await service.agent.get('/v1/datasets/cifar10/export').buffer(true).parse(readAll).expect(200);
    await writeFile(file, body);
    await importAny(own, file, { name: 'arms' });
    const robots = await keyOf('submitter', 'robots');
    const { body: listed } = await robots.get('/v1/datasets').expect(200);
    expect(listed.data.map(({ name, shared }: { name: string; shared: boolean }) => [name, shared])).toEqual([
      ['arms', false],
      ['cifar10', true],
    ]);
    await service.agent.get('/v1/datasets/arms').expect(404);
    await service.agent.post('/v1/jobs').send({ architecture: 'lenet', dataset: 'arms' }).expect(422);
    const { body: job } = await robots.post('/v1/jobs').send({ architecture: 'lenet', dataset: 'arms' }).expect(202);
    await robots.delete('/v1/datasets/arms').expect(409);
    await robots.post(`/v1/jobs/${job.id}/cancel`).expect(202);
    const { body: taken } = await robots.patch('/v1/datasets/arms').send({ name: 'cifar10' }).expect(409);
    expect(taken.detail).toContain('reserved for CIFAR-10');
    const { body: renamed } = await robots.patch('/v1/datasets/arms').send({ name: 'hands' }).expect(200);
    expect(renamed.data).toMatchObject([{ name: 'hands', version: 1, shared: false }]);
    await robots.delete('/v1/datasets/hands?version=1').expect(204);
    await robots.get('/v1/datasets/hands').expect(404);
    await expect(importAny(own, file, { name: 'cifar10' })).rejects.toThrow('all projects share');
  });
});

/** supertest parses no tar by itself. */
function readAll(response: unknown, done: (error: Error | null, body: Buffer) => void): void {
  const stream = response as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk as Buffer));
  stream.on('end', () => done(null, Buffer.concat(chunks)));
}
