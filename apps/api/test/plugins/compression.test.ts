import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen, type Service, startService, submit } from '../support/service.js';

let service: Service;
let port: number;
let id: string;
beforeAll(async () => {
  service = await startService();
  port = await listen(service);
  for (let index = 0; index < 5; index += 1) id = await submit(service);
});
afterAll(() => service.close());

/** The bytes of an answer as they arrived: SuperTest and `fetch` decompress. */
async function bytes(path: string, headers: Record<string, string>, status = 200) {
  const request = http.get({ port, path, headers: { authorization: `Bearer ${service.admin.secret}`, ...headers } });
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  expect(answer.statusCode).toBe(status);
  return { headers: answer.headers, body: await buffer(answer) };
}

const plain = { 'accept-encoding': 'identity' };

it.each([
  ['br', brotliDecompressSync],
  ['gzip', gunzipSync],
])('a list is compressed with %s where the client accepts it', async (encoding, decompress) => {
  const expected = await bytes('/v1/jobs', plain);
  expect(expected.headers['content-encoding']).toBeUndefined();
  const { headers, body } = await bytes('/v1/jobs', { 'accept-encoding': encoding });
  expect(headers).toMatchObject({ 'content-encoding': encoding, vary: expect.stringMatching(/accept-encoding/i) });
  expect(body.length).toBeLessThan(expected.body.length / 2);
  expect(JSON.parse(decompress(body).toString())).toEqual(JSON.parse(expected.body.toString()));
});

it('answers that are small, live or have a strong ETag stay as they are', async () => {
  const accepting = { 'accept-encoding': 'br, gzip' };
  expect((await bytes('/healthz', accepting)).headers['content-encoding']).toBeUndefined();
  const job = await bytes(`/v1/jobs/${id}`, accepting);
  expect(job.headers['content-encoding']).toBeUndefined();
  expect(job.headers.etag).toMatch(/^"/);
  await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
  const stream = await bytes(`/v1/jobs/${id}/events`, { ...accepting, accept: 'text/event-stream' });
  expect(stream.headers['content-encoding']).toBeUndefined();
  expect(stream.body.toString()).toContain('event: cancelled');
});

it('an answer that fails before its first byte is not called compressed', async () => {
  const { headers, body } = await bytes('/v1/results?format=csv&cursor=x', { 'accept-encoding': 'gzip' }, 400);
  expect(headers['content-encoding']).toBeUndefined();
  expect(headers['content-disposition']).toBeUndefined();
  expect(JSON.parse(body.toString())).toMatchObject({ status: 400 });
});
