import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@trainyard/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Service, startService } from './support/service.js';

let service: Service;
let port = 0;
const sockets: Socket[] = [];
beforeAll(async () => {
  service = await startService({ timeouts: { headers: 300, request: 600, idle: 900 } });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  port = (service.app.server.address() as AddressInfo).port;
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => service.close());

/** A connection that sends `begin`, and then `drip` every 50 ms. */
function slow(begin: string, drip = '') {
  const state = { text: '', closed: false };
  let timer: NodeJS.Timeout | undefined;
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(begin);
    if (drip) timer = setInterval(() => socket.write(drip), 50);
  });
  sockets.push(socket);
  socket.setEncoding('latin1').on('data', (chunk) => {
    state.text += chunk;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    clearInterval(timer);
    state.closed = true;
  });
  return { state, socket };
}
const open = () =>
  new Promise<number>((resolve) => service.app.server.getConnections((_error, count) => resolve(count)));
const authorization = () => `Authorization: Bearer ${service.admin.secret}\r\n`;

const postHead = 'POST /v1/jobs HTTP/1.1\r\nHost: x\r\n';

describe('a client that is too slow is disconnected, and others are served meanwhile', () => {
  it.each([
    ['sends nothing', () => slow('')],
    ['sends its headers byte by byte', () => slow('GET /v1/jobs HTTP/1.1\r\nHost: x\r\nX: ', 'a')],
    [
      'sends its body byte by byte',
      () => slow(`${postHead}${authorization()}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`, ' '),
    ],
  ])('when it %s', async (_what, start) => {
    const many = Array.from({ length: 20 }, start);
    await service.anonymous.get('/healthz').expect(200);
    await eventually('the end of all connections', () => many.every(({ state }) => state.closed));
    for (const { state } of many)
      expect(state.text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\ncontent-type: application\/problem\+json/);
    await service.anonymous.get('/healthz').expect(200);
  });

  it('when it does not read the responses', async () => {
    const request = `GET /openapi.json HTTP/1.1\r\nHost: x\r\n${authorization()}\r\n`;
    const { socket } = slow(request.repeat(200));
    socket.pause();
    await eventually('the connection', async () => (await open()) > 0);
    await eventually('its end', async () => (await open()) === 0);
    await service.anonymous.get('/healthz').expect(200);
  });
});

it('a client is not called slow while the service itself waits for the database', async () => {
  const { db } = service;
  const { secret } = await db.keys.create({ name: 'other', role: 'submitter', project: 'default' });
  const verify = db.keys.verify.bind(db.keys);
  const found = vi.spyOn(db.keys, 'verify').mockImplementationOnce(async (key) => {
    // More than a body may take, less than a connection may be idle.
    await sleep(750);
    return verify(key);
  });
  const head = `${postHead}Authorization: Bearer ${secret}\r\nContent-Type: application/json\r\n`;
  const { state } = slow(`${head}Content-Length: 2\r\n\r\n{}`);
  await eventually('an answer', () => state.text !== '');
  found.mockRestore();
  expect(state.text).toMatch(/^HTTP\/1\.1 422 /);
});

describe('a flood of headers', () => {
  it('is not what the longest filter makes of a URL', async () => {
    const filter = `name = "${'字'.repeat(3991)}"`;
    const { state } = slow(`GET /v1/jobs?filter=${encodeURIComponent(filter)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await eventually('an answer', () => state.text !== '');
    expect(state.text).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each([
    ['one that is too long', `X: ${'a'.repeat(70_000)}\r\n`],
    ['too many', Array.from({ length: 12_000 }, (_, i) => `X${i}: a\r\n`).join('')],
  ])('with %s is refused with 431, and the connection ends', async (_what, headers) => {
    const { state } = slow(`GET /healthz HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
    await eventually('the end', () => state.closed);
    expect(state.text).toMatch(/^HTTP\/1\.1 431 /);
  });
});
