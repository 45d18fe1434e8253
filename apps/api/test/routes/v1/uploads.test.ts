import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ datasetBytes: 1000 });
});
afterAll(() => service.close());

const octets = 'application/offset+octet-stream';
const begin = (bytes: number, name = 'pets.zip') =>
  service.agent
    .post('/v1/uploads')
    .set({ 'tus-resumable': '1.0.0', 'upload-length': String(bytes) })
    .set('upload-metadata', `filename ${Buffer.from(name).toString('base64')}`);
const append = (id: string, offset: number, text: string) =>
  service.agent.patch(`/v1/uploads/${id}`).set('upload-offset', String(offset)).type(octets).send(text);

async function keyOf(role: 'reader' | 'submitter', project: string) {
  const { secret } = await service.db.keys.create({ name: role, role, project });
  return `Bearer ${secret}`;
}

describe('an upload', () => {
  it('is sent in pieces, by the protocol tus', async () => {
    const { body, headers } = await begin(10, '../../etc/pets.zip').expect(201);
    expect(headers).toMatchObject({
      location: `/v1/uploads/${body.id}`,
      'upload-offset': '0',
      'tus-resumable': '1.0.0',
    });
    expect(body).toMatchObject({ name: 'pets.zip', bytes: 10, offset: 0 });
    expect((await append(body.id, 0, 'abcd').expect(204)).headers['upload-offset']).toBe('4');
    const { headers: asked } = await service.agent.head(`/v1/uploads/${body.id}`).expect(200);
    expect(asked).toMatchObject({ 'upload-offset': '4', 'upload-length': '10', 'cache-control': 'no-store' });
    const { body: conflict } = await append(body.id, 3, 'x').expect(409);
    expect(conflict.detail).toContain('has 4 bytes, not 3');
    await service.agent.post('/v1/imports').send({ uploadId: body.id }).expect(409);
    await append(body.id, 4, 'efghijklmnop').expect(413);
    for (const offset of ['', '0x4', '4e0', '9007199254740992']) {
      const { body: problem } = await service.agent
        .patch(`/v1/uploads/${body.id}`)
        .set('upload-offset', offset)
        .type(octets)
        .send('efghij')
        .expect(400);
      expect(problem.errors).toHaveLength(1);
    }
    await append(body.id, 4, 'efghij').expect(204);
    await service.agent.patch(`/v1/uploads/${body.id}`).set('upload-offset', '10').send({}).expect(415);
    await service.agent.delete(`/v1/uploads/${body.id}`).expect(204);
    await service.agent.get(`/v1/uploads/${body.id}`).expect(404);
  });

  it('may begin with bytes, and says what is supported', async () => {
    const { body } = await begin(3).type(octets).send('abc').expect(201);
    expect(body.offset).toBe(3);
    await service.agent.delete(`/v1/uploads/${body.id}`).expect(204);
    const { headers } = await service.agent.options('/v1/uploads').expect(204);
    expect(headers['tus-extension']).toContain('creation');
    await service.agent.post('/v1/uploads').expect(400);
    await begin(3).set('tus-resumable', '0.2').expect(400);
  });

  it('counts against what its project may store, from the beginning on', async () => {
    const { body } = await begin(900).expect(201);
    const { body: problem } = await begin(101).expect(429);
    expect(problem).toMatchObject({ code: 'quota_exceeded', detail: expect.stringContaining('delete some first') });
    await service.agent.delete(`/v1/uploads/${body.id}`).expect(204);
  });

  it('is seen by its project alone, and not made by readers', async () => {
    const { body } = await begin(10).expect(201);
    const stranger = await keyOf('submitter', 'robots');
    await service.anonymous.get(`/v1/uploads/${body.id}`).set('authorization', stranger).expect(404);
    await service.anonymous.delete(`/v1/uploads/${body.id}`).set('authorization', stranger).expect(404);
    await service.anonymous.post('/v1/imports').set('authorization', stranger).send({ uploadId: body.id }).expect(404);
    const reader = await keyOf('reader', 'default');
    await service.anonymous.post('/v1/uploads').set({ authorization: reader, 'upload-length': '1' }).expect(403);
    await service.anonymous
      .post('/v1/datasets')
      .set('authorization', reader)
      .attach('file', Buffer.from('a'), 'a')
      .expect(403);
    await service.agent.delete(`/v1/uploads/${body.id}`).expect(204);
  });

  it('expires after a day without a byte, unless an import waits for it', async () => {
    const ids = [(await begin(1).expect(201)).body.id, (await begin(1).expect(201)).body.id];
    await append(ids[0], 0, 'a').expect(204);
    await service.agent.post('/v1/imports').send({ uploadId: ids[0] }).expect(202);
    const folder = join(service.datasets.root, '.uploads', 'default');
    for (const id of ids) await utimes(join(folder, id), 0, 0);
    expect(await service.uploads.expire((project) => service.db.project(project).imports.filesInUse())).toBe(1);
    await service.agent.delete(`/v1/uploads/${ids[0]}`).expect(409);
    await service.agent.get(`/v1/uploads/${ids[1]}`).expect(404);
  });
});

describe('an import', () => {
  it('of a form gets its options, and stays out of sight of other projects', async () => {
    const { body, headers } = await service.agent
      .post('/v1/datasets')
      .attach('file', Buffer.from('abc'), 'set.zip')
      .field({ name: 'pets', size: '64x48', channels: '1', skipBad: 'true', classes: 'cat, dog' })
      .expect(202);
    expect(headers.location).toBe(`/v1/imports/${body.id}`);
    expect(body).toMatchObject({ state: 'queued', terminal: false, source: { kind: 'upload', name: 'set.zip' } });
    expect(body.options).toEqual({ name: 'pets', size: '64x48', channels: 1, skipBad: true, classes: ['cat', 'dog'] });
    const { size } = await stat(join(service.datasets.root, '.uploads', 'default', body.source.uploadId));
    expect(size).toBe(3);
    const stranger = await keyOf('submitter', 'robots');
    for (const [method, path] of [
      ['get', ''],
      ['post', '/cancel'],
    ] as const) {
      await service.anonymous[method](`/v1/imports/${body.id}${path}`).set('authorization', stranger).expect(404);
    }
    const { body: listed } = await service.agent.get('/v1/imports?limit=1').expect(200);
    expect(listed).toMatchObject({ data: [{ id: body.id }], nextCursor: expect.any(String) });
    const { body: cancelled } = await service.agent.post(`/v1/imports/${body.id}/cancel`).expect(202);
    expect(cancelled).toMatchObject({ state: 'cancelled', terminal: true });
    const { body: repeated } = await service.agent.post(`/v1/imports/${body.id}/cancel`).expect(200);
    expect(repeated).toEqual(cancelled);
  });

  it('of a form takes the field of each class, as generated clients send them, commas included', async () => {
    const { body } = await service.agent
      .post('/v1/datasets')
      .attach('file', Buffer.from('abc'), 'set.zip')
      .field('classes', ['cat', 'dog, small'])
      .expect(202);
    expect(body.options).toEqual({ classes: ['cat', 'dog, small'] });
    await service.agent.post(`/v1/imports/${body.id}/cancel`).expect(202);
  });

  it('of classes or labels that cannot be stored is refused', async () => {
    const form = service.agent.post('/v1/datasets').attach('file', Buffer.from('abc'), 'set.zip');
    const { body } = await form.field('classes', ['cat', 'd\0g']).expect(400);
    expect(body.errors).toMatchObject([{ pointer: '/classes/1', detail: expect.stringContaining('no NUL') }]);
    const url = 'https://example.org/set.zip';
    const { body: half } = await service.agent.post('/v1/imports').send({ url, labels: '\ud800' }).expect(400);
    expect(half.errors).toMatchObject([{ pointer: '/labels' }]);
  });

  it('of a form takes thousands of classes, but no more text than a body of JSON', async () => {
    const form = () => service.agent.post('/v1/datasets').attach('file', Buffer.from('abc'), 'set.zip');
    const classes = Array.from({ length: 2000 }, (_, i) => `class ${i}`);
    const { body } = await form().field('classes', classes).expect(202);
    expect(body.options).toEqual({ classes });
    await service.agent.post(`/v1/imports/${body.id}/cancel`).expect(202);
    const long = Array.from({ length: 20 }, () => 'x'.repeat(60_000));
    await form().field('classes', long).expect(413);
  });

  it('of a form with a fault, or of more bytes than the project may store, leaves no file', async () => {
    const before = await readdir(join(service.datasets.root, '.uploads', 'default'));
    const form = () => service.agent.post('/v1/datasets');
    const { body } = await form().attach('file', Buffer.from('abc'), 'a').field('size', '0').expect(400);
    expect(body.errors[0].pointer).toBe('/size');
    await form().field('name', 'pets').expect(400);
    const raw = (type: string, text: string) => form().type(type).serialize(String).send(text).expect(400);
    const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nabc';
    const types = [
      'multipart/form-data',
      'multipart/form-data; boundary=',
      `multipart/form-data; boundary=${'x'.repeat(300)}`,
    ];
    for (const type of types) expect((await raw(type, part)).body.detail).toContain('the form cannot be read');
    for (const text of ['garbage', part]) {
      expect((await raw('multipart/form-data; boundary=x', text)).body.detail).toContain('the form cannot be read');
    }
    await form().attach('file', Buffer.alloc(2000), 'a').expect(413);
    await form().attach('file', Buffer.from('a'), 'a').attach('file', Buffer.from('b'), 'b').expect(413);
    expect(await readdir(join(service.datasets.root, '.uploads', 'default'))).toEqual(before);
  });

  it('needs one source, and no address of the service’s own network', async () => {
    await service.agent.post('/v1/imports').send({}).expect(400);
    await service.agent.post('/v1/imports').send({ url: 'file:///etc/passwd' }).expect(400);
    const url = 'http://169.254.169.254/latest/meta-data';
    const { body } = await service.agent.post('/v1/imports').send({ url }).expect(400);
    expect(body.errors[0].pointer).toBe('/url');
  });
});
