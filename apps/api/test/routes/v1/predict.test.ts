import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob } from '../../support/jobs.js';
import { classes, type Service, startService } from '../../support/service.js';

let service: Service;
let job = '';
beforeAll(async () => {
  service = await startService();
  job = await finishedJob(service);
});
afterAll(() => service.close());

const url = (query = '', { id = job, ref = 'best' } = {}) => `/v1/jobs/${id}/checkpoints/${ref}/predict${query}`;
const send = (body: Buffer, query = '', type = 'application/octet-stream') =>
  service.agent.post(url(query)).set('content-type', type).send(body);

/** The left half red, the right half blue. */
const halves = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } }).composite([
    {
      input: { create: { width: Math.ceil(width / 2), height, channels: 3, background: 'blue' } },
      left: Math.floor(width / 2),
      top: 0,
    },
  ]);
const pixelsOf = async (png: Buffer) => {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { data, shape: [info.height, info.width, info.channels] };
};
const inputOf = async (body: Buffer) => {
  const answer = await send(body, '?input=png').buffer(true).parse(bytesOf).expect(200);
  expect(answer.type).toBe('image/png');
  return pixelsOf(answer.body);
};
/** A parser of supertest that keeps the bytes. */
function bytesOf(answer: unknown, done: (error: Error | null, body: Buffer) => void): void {
  const response = answer as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks)));
}

describe('predictions', () => {
  it('have the classes of one image, the most probable first, and name the network', async () => {
    const { body } = await send(await halves(64, 48).jpeg().toBuffer(), '?top=3', 'image/jpeg').expect(200);
    const { body: listed } = await service.agent.get(`/v1/jobs/${job}/checkpoints`);
    const { weightsSha256 } = listed.data.find(({ best }: { best: boolean }) => best);
    expect(body.model).toEqual({ jobId: job, epoch: 2, step: 0, architecture: 'lenet', weightsSha256 });
    expect(body.input).toEqual({ shape: [32, 32, 3], fit: 'cover' });
    // All weights are equal, and so are the logits of all classes.
    const probability = expect.closeTo(0.1, 5);
    const expected = classes.slice(0, 3).map((name) => ({ class: name, probability }));
    expect(body.predictions).toEqual([{ file: null, classes: expected }]);
  });

  it('take many files of a form, in their order, and with them refuse the one that is no image', async () => {
    const image = await halves(20, 20).png().toBuffer();
    const form = service.agent.post(url()).attach('images', image, 'a.png').attach('images', image, 'dir/b.png');
    const { body } = await form.expect(200);
    expect(body.predictions.map(({ file }: { file: string }) => file)).toEqual(['a.png', 'b.png']);
    expect(body.predictions[1].classes).toHaveLength(5);
    const { body: problem } = await service.agent
      .post(url())
      .attach('images', image, 'a.png')
      .attach('images', Buffer.from('<!doctype html><html></html>'), 'b.png')
      .expect(400);
    const errors = [{ pointer: '/images/1', detail: 'b.png is an HTML page, not an image; get it again' }];
    expect(problem).toMatchObject({ code: 'invalid_input', errors });
  });

  it('are of the image as an import reads it: upright, cut, eight bits, without alpha, the first frame', async () => {
    const upright = await inputOf(await halves(96, 32).png().toBuffer());
    expect(upright.shape).toEqual([32, 32, 3]);
    const columnsOf = ({ data }: { data: Buffer }) => [0, 31].map((x) => [...data.subarray(x * 3, x * 3 + 3)]);
    const redAndBlue = [
      [255, 0, 0],
      [0, 0, 255],
    ];
    expect(columnsOf(upright)).toEqual(redAndBlue);
    // Turned by half in the file; orientation 3 says so.
    const turned = await halves(96, 32).png().toBuffer();
    const rotated = await sharp(turned).rotate(180).withMetadata({ orientation: 3 }).png().toBuffer();
    expect(columnsOf(await inputOf(rotated))).toEqual(redAndBlue);
    const grey16 = await sharp(turned).toColourspace('grey16').png().toBuffer();
    const grey = await inputOf(grey16);
    expect(new Set(grey.data.subarray(0, 3)).size).toBe(1);
    const clear = await sharp({ create: { width: 9, height: 9, channels: 4, background: '#0000' } })
      .png()
      .toBuffer();
    // The background of an import is white.
    expect((await inputOf(clear)).data.every((value) => value === 255)).toBe(true);
    const frames = [0, 255].map((value) => Buffer.alloc(8 * 8 * 3, value));
    const gif = await sharp(Buffer.concat(frames), { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } })
      .gif()
      .toBuffer();
    expect((await inputOf(gif)).data.every((value) => value === 0)).toBe(true);
  });

  it('refuse what is no image that is read, or too large, before it is decoded', async () => {
    const cases: [body: Buffer, status: number, reason: RegExp][] = [
      [Buffer.from('hello'), 400, /the image is text, not an image/],
      [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 400, /is an SVG drawing, which is not read/],
      [Buffer.alloc(0), 400, /send the bytes of an image/],
      // 1,000,000 pixels are allowed here; of one colour, they are few bytes.
      [await halves(1001, 1000).png().toBuffer(), 400, /has 1001x1000 pixels, more than 1 million pixels/],
      [await halves(1001, 1000).webp().toBuffer(), 400, /more than 1 million pixels/],
      [Buffer.concat([Buffer.from('P6 40000 40000 255\n'), Buffer.alloc(10)]), 400, /more than 1 million pixels/],
      [(await halves(600, 600).jpeg().toBuffer()).subarray(0, 2000), 400, /is damaged \(it is cut off\)/],
      [Buffer.alloc((1 << 20) + 1), 413, /too large/],
    ];
    for (const [body, status, reason] of cases) {
      const { body: problem } = await send(body).expect(status);
      expect(JSON.stringify(problem)).toMatch(reason);
    }
    const many = service.agent.post(url());
    for (let i = 0; i < 9; i++) many.attach('images', Buffer.from('x'), `${i}.png`);
    expect((await many.expect(413)).body.detail).toMatch(/at most 8 images/);
    const text = service.agent.post(url()).field('images', '7');
    expect((await text.expect(400)).body.errors[0].detail).toMatch(/is text; send files alone/);
    const two = service.agent.post(url('?input=png'));
    for (const name of ['a', 'b']) two.attach('images', await halves(8, 8).png().toBuffer(), name);
    expect((await two.expect(400)).body.errors[0].pointer).toBe('/input');
  });

  it('answer 503 to more requests at once than may wait, and all others meanwhile', async () => {
    const image = await halves(30, 30).png().toBuffer();
    const { admission, limits } = service.options.predictions;
    const releases = Array.from({ length: limits.maxRequests }, () => admission.enter(10));
    const { body, headers } = await send(image).expect(503);
    expect(body).toMatchObject({ code: 'unavailable', detail: expect.stringMatching(/^16 requests of predictions/) });
    expect(headers['retry-after']).toBe('2');
    await service.agent.get(`/v1/jobs/${job}`).expect(200);
    for (const release of releases) release();
    // A request gives back what it took, however it ended.
    const many = (count: number, body: Buffer) => Promise.all(Array.from({ length: count }, () => send(body)));
    for (const bodies of [image, Buffer.from('x')]) await many(limits.maxRequests, bodies);
    await send(image).expect(200);
  });

  it('need a job of the key’s own project and a checkpoint that is there', async () => {
    const image = await halves(8, 8).png().toBuffer();
    await service.anonymous.post(url()).set('content-type', 'image/png').send(image).expect(401);
    const other = await service.db.keys.create({ name: 'other', role: 'admin', project: 'other' });
    await send(image).set('authorization', `Bearer ${other.secret}`).expect(404);
    const reader = await service.db.keys.create({ name: 'reader', role: 'reader', project: 'default' });
    await send(image).set('authorization', `Bearer ${reader.secret}`).expect(200);
    const missing = service.agent.post(url('', { ref: '7' })).set('content-type', 'image/png');
    expect((await missing.send(image).expect(404)).body.detail).toContain('a checkpoint of epoch 7');
  });

  it('are by the best job of an experiment, or by the checkpoint that an alias points to', async () => {
    const image = await halves(8, 8).png().toBuffer();
    const [worse, best] = [
      await finishedJob(service, { experiment: 'night' }, 100),
      await finishedJob(service, { experiment: 'night' }, 140),
    ];
    const modelOf = async (path: string) => {
      const request = service.agent.post(`/v1/experiments/night/${path}/predict`).set('content-type', 'image/png');
      return (await request.send(image).expect(200)).body.model;
    };
    expect(await modelOf('best')).toMatchObject({ jobId: best, epoch: 2 });
    const body = { jobId: worse, checkpoint: '1' };
    await service.agent.put('/v1/experiments/night/aliases/champion').send(body).expect(200);
    expect(await modelOf('aliases/champion')).toMatchObject({ jobId: worse, epoch: 1 });
    for (const path of ['night/aliases/other', 'day/best']) {
      const request = service.agent.post(`/v1/experiments/${path}/predict`).set('content-type', 'image/png');
      await request.send(image).expect(404);
    }
  });

  it('refuse a checkpoint with a flipped bit, also after it was used, and name its digest', async () => {
    const damaged = await finishedJob(service);
    const image = await halves(8, 8).png().toBuffer();
    const post = () =>
      service.agent
        .post(url('', { id: damaged }))
        .set('content-type', 'image/png')
        .send(image);
    const { body } = await post().expect(200);
    const stored = await service.project.checkpoints.find(damaged, 'best');
    const file = join(service.artifacts.folder(stored?.key ?? ''), 'weights.bin');
    const bytes = await readFile(file);
    bytes.writeUInt8(bytes.readUInt8(100) ^ 4, 100);
    await writeFile(file, bytes);
    const { body: problem } = await post().expect(500);
    expect(problem.detail).toMatch(/weights\.bin does not match its SHA-256: it has [0-9a-f]{64} instead of/);
    expect(problem.detail).toContain(body.model.weightsSha256);
    expect(problem.detail).toContain('use the checkpoint 1 (after epoch 1), which is intact');
  });
});
