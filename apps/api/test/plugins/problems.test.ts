import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { problemSchema } from '@trainyard/contracts';
import { DatasetStore } from '@trainyard/datasets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../support/service.js';

let service: Service;
let port = 0;
beforeAll(async () => {
  service = await startService();
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  port = (service.app.server.address() as AddressInfo).port;
});
afterAll(() => service.close());

const post = (body: string, type: string) =>
  service.agent.post('/v1/jobs').set('content-type', type).serialize(String).send(body);

describe('an error response', () => {
  it.each([
    [404, 'not_found', () => service.agent.get('/v1/nothing')],
    [405, 'method_not_allowed', () => service.agent.delete('/v1/jobs')],
    [400, 'invalid_input', () => service.agent.get('/v1/jobs/not-an-id')],
    [400, 'invalid_input', () => service.agent.get('/v1/%zz')],
    [400, 'invalid_input', () => post('{"architecture":', 'application/json')],
    [422, 'invalid_spec', () => post('', 'application/json')],
    [400, 'invalid_input', () => post('{"__proto__": {"x": 1}}', 'application/json')],
    [415, 'unsupported_media_type', () => post('<spec/>', 'text/xml')],
    [415, 'unsupported_media_type', () => post('lenet', 'text/plain')],
    [413, 'payload_too_large', () => post(`{"notes": "${'x'.repeat(1 << 20)}"}`, 'application/json')],
  ] as const)('%i %s', async (status, code, send) => {
    const answer = await send();
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(problemSchema.parse(answer.body)).toMatchObject({ status, code, requestId: answer.headers['x-request-id'] });
  });

  it('lists the methods of a URL beside a parameter, and refuses those of the parameter', async () => {
    for (const verb of ['get', 'patch', 'delete'] as const)
      await service.agent[verb]('/v1/jobs/bulk').expect(405).expect('allow', 'POST');
    await service.agent.options('/v1/jobs/bulk').expect(204).expect('allow', 'POST');
  });

  it('lists the methods that a URL has', async () => {
    const { body, headers } = await service.agent.put('/v1/jobs/job_00000000000000000000000000?x=1').expect(405);
    expect(headers.allow).toBe('DELETE, GET, HEAD, PATCH');
    expect(body.detail).toBe('/v1/jobs/job_00000000000000000000000000 has DELETE, GET, HEAD, PATCH, not PUT');
    await service.anonymous.put('/v1/jobs').expect(401);
  });

  it.each([
    ['QUERY', {}, ''],
    ['QUERY', { 'content-type': 'application/json' }, '{}'],
    ['TRACE', {}, ''],
    ['LINK', {}, ''],
    ['PUT', { 'content-type': 'text/xml' }, '<spec/>'],
    ['PUT', { 'content-type': 'application/json' }, '{'],
    ['PATCH', { 'content-type': 'application/json' }, `{"notes": "${'x'.repeat(1 << 20)}"}`],
  ])('says that a URL does not have the method %s, whatever else is wrong', async (method, headers, body) => {
    const authorization = `Bearer ${service.admin.secret}`;
    const sent = request({ port, method, path: '/v1/jobs', headers: { authorization, ...headers } });
    sent.end(body);
    const [answer] = await once(sent, 'response');
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, POST');
    answer.resume();
  });

  it('is none for an empty body that is called JSON, where a request has no body', async () => {
    const id = await submit(service);
    const send = (path: string) => service.agent.post(path).set('content-type', 'application/json');
    await send(`/v1/jobs/${id}/pause`).expect(202);
    await send(`/v1/jobs/${id}/cancel`).expect(202);
    await service.agent.delete(`/v1/jobs/${id}`).set('content-type', 'application/json').expect(204);
    await send('/v1/keys').expect(400);
  });

  it('is a problem also for bytes that are not HTTP', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('HELO trainyard\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1\.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
  });

  it('reveals no details of an internal error', async () => {
    const other = await startService({
      datasets: {
        project: () => {
          throw new Error('secret path /srv/x');
        },
        shared: new DatasetStore('/nowhere'),
      },
    });
    const { body } = await other.agent.get('/v1/datasets').expect(500);
    expect(body).toMatchObject({ code: 'internal' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(other.lines.join('')).toContain('secret path');
    await other.close();
  });
});

describe('a body of two gigabytes', () => {
  /** Sends up to 2 GiB until the response arrives or the connection breaks. */
  const flood = (headers: Record<string, string | number>) =>
    new Promise<{ status: number; body: string; sent: number }>((resolve, reject) => {
      const authorization = `Bearer ${service.admin.secret}`;
      const client = request({
        port,
        method: 'POST',
        path: '/v1/jobs',
        headers: { authorization, 'content-type': 'application/json', ...headers },
      });
      const piece = Buffer.alloc(1 << 16, ' ');
      let sent = 0;
      let stopped = false;
      const pump = () => {
        while (!stopped && sent < 2 ** 31 && client.write(piece)) sent += piece.length;
        if (!stopped) client.once('drain', pump);
      };
      client.on('response', async (response) => {
        stopped = true;
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, body, sent });
      });
      client.on('error', (error) => {
        stopped = true;
        reject(error);
      });
      pump();
    });

  it.each([
    ['with Content-Length', { 'content-length': 2 ** 31 }],
    ['without Content-Length', { 'transfer-encoding': 'chunked' }],
  ])('%s is refused with 413 before it is read', async (_, headers) => {
    const { status, body, sent } = await flood(headers);
    expect(status).toBe(413);
    expect(JSON.parse(body).code).toBe('payload_too_large');
    expect(sent).toBeLessThan(256 << 20);
    await service.agent.get('/healthz').expect(200);
  });
});

it('a client that reads only after it has sent a slightly too large body still gets the 413', async () => {
  const socket = connect(port, '127.0.0.1');
  const errors: Error[] = [];
  socket.on('error', (error) => errors.push(error));
  const piece = ' '.repeat(1 << 18);
  const head = [
    'POST /v1/jobs HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${service.admin.secret}`,
    'Content-Type: application/json',
    `Content-Length: ${8 * piece.length}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.pause();
  for (let i = 0; i < 8; i++) {
    await sleep(50);
    await promisify<string, void>(socket.write.bind(socket))(piece);
  }
  socket.setEncoding('utf8').resume();
  const [answer] = await once(socket, 'data');
  socket.destroy();
  expect(errors).toEqual([]);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});
