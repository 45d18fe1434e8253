import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';

const routes = { 'GET /v1/queue': json({ backend: 'redis', waiting: 3, active: 1 }) };

/** A forward proxy that knows one host, whatever its name is, and opens no tunnel. */
async function startProxy(target: string) {
  const asked: string[] = [];
  const server = createServer(({ method, url = '', headers }, response) => {
    asked.push(`${method} ${url}`);
    const { pathname } = new URL(url);
    request(`${target}${pathname}`, { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  server.on('connect', ({ url }, socket) => {
    asked.push(`CONNECT ${url}`);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function queue(env: NodeJS.ProcessEnv) {
  const { terminal, written } = captureTerminal();
  const key = { TRAINYARD_API_KEY: 'secret', TRAINYARD_HOME: '/nonexistent' };
  return { code: await run(['queue'], terminal, { ...key, ...env }), written };
}

it.each(['HTTP_PROXY', 'http_proxy'])('the service is reached through the proxy of %s, with its key', async (name) => {
  const { url, requests } = await fakeService(routes);
  const { host, asked } = await startProxy(url);
  const { code, written } = await queue({ TRAINYARD_URL: 'http://trainyard.test', [name]: host });
  expect([code, written.error]).toEqual([0, '']);
  expect(asked).toEqual(['GET http://trainyard.test/v1/queue']);
  expect(requests[0]?.headers.authorization).toBe('Bearer secret');
});

it('a service with TLS is reached through a tunnel', async () => {
  const { url } = await fakeService(routes);
  const { host, asked } = await startProxy(url);
  const { code, written } = await queue({ TRAINYARD_URL: 'https://trainyard.test', HTTPS_PROXY: `http://${host}` });
  expect(asked).toEqual(['CONNECT trainyard.test:443']);
  expect(code).toBe(4);
  expect(written.error).toContain('cannot reach https://trainyard.test');
});

it('this machine, and what NO_PROXY has, are reached without it', async () => {
  const { url } = await fakeService(routes);
  const proxy = { HTTP_PROXY: 'http://127.0.0.1:9' };
  expect((await queue({ ...proxy, TRAINYARD_URL: url })).code).toBe(0);
  const { host, asked } = await startProxy(url);
  const excluded = { HTTP_PROXY: host, NO_PROXY: 'trainyard.test' };
  expect((await queue({ ...excluded, TRAINYARD_URL: 'http://trainyard.test' })).code).toBe(4);
  expect(asked).toEqual([]);
});

it('a proxy that is no URL is refused by its name', async () => {
  const { code, written } = await queue({ TRAINYARD_URL: 'http://trainyard.test', HTTPS_PROXY: 'socks5://x:1' });
  expect(code).toBe(2);
  expect(written.error).toContain('HTTPS_PROXY must be a URL like http://proxy.example.org:3128');
});
