import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { TrainyardClient } from '@trainyard/client';
import { parseSafetensors } from '@trainyard/formats';
import { startProxy } from '@trainyard/test-kit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { listen, type Service, startService } from '../../support/service.js';

let service: Service;
let id = '';
beforeAll(async () => {
  service = await startService();
  id = await finishedJob(service);
});
afterAll(() => service.close());

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const binary = (path: string, headers: Record<string, string> = {}) =>
  service.agent
    .get(`/v1/jobs/${id}/checkpoints/${path}`)
    .set(headers)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk)).on('end', () => done(null, Buffer.concat(chunks)));
    });

describe('checkpoints of a job', () => {
  it('are listed with best and last marked', async () => {
    const { body } = await service.agent.get(`/v1/jobs/${id}/checkpoints`).expect(200);
    const marks = body.data.map(({ epoch, best, last }: Record<string, unknown>) => ({ epoch, best, last }));
    expect(marks).toContainEqual({ epoch: 2, best: true, last: true });
  });

  it('have a manifest with the spec and the digests of their files', async () => {
    const { body } = await service.agent.get(`/v1/jobs/${id}/checkpoints/best`).expect(200);
    expect(body).toMatchObject({ jobId: id, cursor: { epoch: 2 } });
    expect(body.files.map((f: { name: string }) => f.name)).toEqual(['model.json', 'weights.bin', 'state.safetensors']);
  });

  it('that do not exist respond with 404, and malformed refs with 400', async () => {
    const { body } = await service.agent.get(`/v1/jobs/${id}/checkpoints/77`).expect(404);
    expect(body.detail).toContain('a checkpoint of epoch 77');
    for (const ref of ['0', '-1', 'worst', '..%2f..', '1e3']) {
      await service.agent.get(`/v1/jobs/${id}/checkpoints/${ref}`).expect(400);
    }
  });
});

describe('a download', () => {
  it('that finds no space on the disk of the artifacts is refused with 503, in words', async () => {
    const { artifacts } = service.options;
    const { exportFile } = artifacts;
    const full = { code: 'ENOSPC', syscall: 'write' };
    artifacts.exportFile = () => Promise.reject(Object.assign(new Error('ENOSPC: /srv/secret'), full));
    const { body, headers } = await service.agent.get(`/v1/jobs/${id}/checkpoints/best/download`).expect(503);
    artifacts.exportFile = exportFile;
    expect(body.detail).toBe(
      'the service cannot use a folder of its own: no space is left on its disk (ENOSPC); free some',
    );
    expect(headers).toHaveProperty('retry-after');
  });

  it('has its length, digest, ETag and file name', async () => {
    const { headers, body } = await binary('best/download').expect(200);
    expect(headers).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(body.length),
      'accept-ranges': 'bytes',
      etag: `"${sha256(body)}"`,
      'repr-digest': `sha-256=:${createHash('sha256').update(body).digest('base64')}:`,
      'content-disposition': `attachment; filename="${id}-epoch-2.zip"`,
    });
  });

  it('as safetensors contains the weights', async () => {
    const { body } = await binary('best/download?format=safetensors').expect(200);
    const { tensors } = parseSafetensors(body);
    expect(tensors.reduce((sum, t) => sum + t.data.length, 0)).toBe(62_006);
    expect(tensors[0]?.data[0]).toBe(2);
  });

  it('as ONNX names its outputs and its job, and is another file for pixels', async () => {
    const [normalized, pixels] = await Promise.all(
      ['onnx', 'onnx&input=uint8'].map((choice) => binary(`best/download?format=${choice}`).expect(200)),
    );
    for (const part of ['logits', 'probabilities', id]) expect(normalized?.body.includes(part)).toBe(true);
    expect(normalized?.headers['content-disposition']).toContain(`"${id}-epoch-2.onnx"`);
    expect(pixels?.headers['content-disposition']).toContain(`"${id}-epoch-2.uint8.onnx"`);
    expect(pixels?.headers.etag).toBe(`"${sha256(pixels?.body)}"`);
    expect(pixels?.headers.etag).not.toBe(normalized?.headers.etag);
  });

  it('for PyTorch is a zip with the network, or the weights alone', async () => {
    const [archive, weights] = await Promise.all(
      ['torch', 'safetensors&layout=torch'].map((choice) => binary(`best/download?format=${choice}`).expect(200)),
    );
    expect(archive?.headers['content-disposition']).toContain(`"${id}-epoch-2.torch.zip"`);
    expect(archive?.body.includes('self.conv2d_1 = nn.Conv2d(3, 6, (5, 5))')).toBe(true);
    expect(archive?.body.includes(weights?.body)).toBe(true);
    const { tensors, metadata } = parseSafetensors(weights?.body);
    expect(tensors[0]).toMatchObject({ name: 'conv2d_1.weight', shape: [6, 3, 5, 5] });
    expect(metadata).toMatchObject({ format: 'pt', jobId: id });
  });

  it('refuses a layout in formats without that choice', async () => {
    const { body } = await service.agent.get(`/v1/jobs/${id}/checkpoints/best/download?layout=torch`).expect(400);
    expect(body.errors).toEqual([{ pointer: '/layout', detail: expect.stringContaining('use format=safetensors') }]);
  });

  it('refuses a type of the input in formats without that choice', async () => {
    const { body } = await service.agent.get(`/v1/jobs/${id}/checkpoints/best/download?input=uint8`).expect(400);
    expect(body.errors).toEqual([{ pointer: '/input', detail: expect.stringContaining('use format=onnx') }]);
  });

  it('responds to HEAD with the same headers and no body', async () => {
    const whole = await binary('best/download').expect(200);
    const head = await service.agent.head(`/v1/jobs/${id}/checkpoints/best/download`).expect(200);
    for (const name of ['content-length', 'etag', 'repr-digest', 'content-type', 'content-disposition']) {
      expect(head.headers[name]).toBe(whole.headers[name]);
    }
  });

  it('responds with 304 to its own ETag', async () => {
    const { headers } = await binary('best/download').expect(200);
    await binary('best/download', { 'if-none-match': headers.etag as string }).expect(304);
  });

  it.each([
    ['bytes=0-99', 0, 100],
    ['bytes=100-', 100, undefined],
    ['bytes=-50', -50, undefined],
    ['bytes=10-99999999', 10, undefined],
  ])('responds to the range %s with that part', async (range, start, end) => {
    const whole: Buffer = (await binary('best/download')).body;
    const { status, headers, body } = await binary('best/download', { range });
    expect(status).toBe(206);
    const expected = whole.subarray(start, end);
    expect(body.equals(expected)).toBe(true);
    const first = start < 0 ? whole.length + start : start;
    expect(headers['content-range']).toBe(`bytes ${first}-${first + expected.length - 1}/${whole.length}`);
    expect(headers['content-length']).toBe(String(expected.length));
    expect(headers.etag).toBe(`"${sha256(whole)}"`);
  });

  it.each(['bytes=99999999-', 'bytes=-0'])('responds to the range %s with 416', async (range) => {
    const whole = await binary('best/download');
    const { status, headers, body } = await binary('best/download', { range });
    expect(status).toBe(416);
    expect(headers['content-range']).toBe(`bytes */${whole.body.length}`);
    expect(JSON.parse(body).code).toBe('range_not_satisfiable');
  });

  it.each(['bytes=5-2', 'bytes=0-1,5-6', 'lines=1-2', 'nonsense'])('ignores the range %s', async (range) => {
    await binary('best/download', { range }).expect(200);
  });

  it('honours a range with If-Range only while the file is the same', async () => {
    const { headers } = await binary('best/download');
    const range = 'bytes=5-9';
    await binary('best/download', { range, 'if-range': headers.etag as string }).expect(206);
    await binary('best/download', { range, 'if-range': '"another"' }).expect(200);
  });

  it('of a damaged checkpoint is a problem that names the damage, without paths', async () => {
    const other = await finishedJob(service);
    const folder = service.artifacts.folder(`jobs/${other}/1-2-0`);
    await writeFile(join(folder, 'weights.bin'), 'broken');
    const answer = await service.agent.get(`/v1/jobs/${other}/checkpoints/best/download`).expect(500);
    expect(answer.body).toMatchObject({ code: 'internal', detail: expect.stringContaining('damaged') });
    expect(answer.body.detail).not.toContain(folder);
    await rm(folder, { recursive: true });
    await service.agent.get(`/v1/jobs/${other}/checkpoints/best/download`).expect(500);
  });

  it('is refused after a bit has flipped, also where it was made before, and names an intact checkpoint', async () => {
    const other = await finishedJob(service);
    const file = join(service.artifacts.folder(`jobs/${other}/1-2-0`), 'weights.bin');
    const path = (choice: string) => `/v1/jobs/${other}/checkpoints/best/download?format=${choice}`;
    await service.agent.get(path('tfjs')).expect(200);
    const bytes = await readFile(file);
    const expected = sha256(bytes);
    bytes.writeUInt8(bytes.readUInt8(99) ^ 1, 99);
    await writeFile(file, bytes);
    for (const choice of ['tfjs', 'onnx', 'torch', 'safetensors', 'safetensors&layout=torch']) {
      const { detail } = (await service.agent.get(path(choice)).expect(500)).body;
      expect(detail).toContain(
        `weights.bin does not match its SHA-256: it has ${sha256(bytes)} instead of ${expected}`,
      );
      expect(detail).toContain('use the checkpoint 1 (after epoch 1), which is intact');
    }
    await service.agent.get(`/v1/jobs/${other}/checkpoints/1/download`).expect(200);
  });

  it('that is damaged itself is made again', async () => {
    const whole = await binary('best/download?format=onnx').expect(200);
    await writeFile(join(service.artifacts.folder(`jobs/${id}/1-2-0`), 'export.onnx'), 'broken');
    const again = await binary('best/download?format=onnx').expect(200);
    expect(again.body.equals(whole.body)).toBe(true);
  });

  it.each([
    ['onnx', 'onnx'],
    ['onnx&input=uint8', 'uint8.onnx'],
    ['torch', 'torch.zip'],
    ['safetensors&layout=torch', 'torch.safetensors'],
  ])('in the format %s comes in parts', async (choice, extension) => {
    const path = `best/download?format=${choice}`;
    const whole = await binary(path).expect(200);
    expect(whole.headers).toMatchObject({
      etag: `"${sha256(whole.body)}"`,
      'content-disposition': `attachment; filename="${id}-epoch-2.${extension}"`,
    });
    const headers = { range: 'bytes=100-', 'if-range': whole.headers.etag as string };
    const part = await binary(path, headers).expect(206);
    expect(part.body.equals(whole.body.subarray(100))).toBe(true);
    expect(part.headers['repr-digest']).toBe(whole.headers['repr-digest']);
  });

  it('goes on where a connection that breaks again and again has stopped it', async () => {
    const proxy = await startProxy(await listen(service));
    onTestFinished(() => proxy.close());
    proxy.cutAfterBytes = 50_000;
    const baseUrl = `http://127.0.0.1:${proxy.port}`;
    const client = new TrainyardClient({ baseUrl, apiKey: service.admin.secret });
    const { stream, bytes, sha256: digest } = await client.download(id, 'best');
    const content = await buffer(stream);
    expect(content.length).toBe(bytes);
    expect(sha256(content)).toBe(digest);
    expect(bytes).toBeGreaterThan(4 * proxy.cutAfterBytes);
  });

  it('refuses an unknown format', async () => {
    const { body } = await service.agent.get(`/v1/jobs/${id}/checkpoints/best/download?format=exe`).expect(400);
    expect(body.errors[0].pointer).toBe('/format');
  });
});
