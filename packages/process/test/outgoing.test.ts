import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { checkedDispatcher, checkUrl, type OutgoingOptions, RefusedRequestError } from '../src/outgoing.js';

/** @returns the port of a server on 127.0.0.1 */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function answer(url: string, options: OutgoingOptions): Promise<string> {
  const dispatcher = checkedDispatcher(options);
  try {
    const response = await request(url, { dispatcher });
    return await response.body.text();
  } finally {
    await dispatcher.destroy();
  }
}

test.each([
  'http://127.0.0.1/',
  'http://127.9.9.9/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0.0.0.0/',
  'http://10.0.0.1/',
  'http://172.16.5.5/',
  'http://192.168.1.1/',
  'http://100.64.0.1/',
  'http://169.254.169.254/latest/meta-data/',
  'http://224.0.0.1/',
  'http://255.255.255.255/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::127.0.0.1]/',
  'http://[fe80::1]/',
  'http://[fec0::1]/',
  'http://[fd00:ec2::254]/',
  'http://[64:ff9b::7f00:1]/',
  'http://[2002:7f00:1::]/',
  'http://[ff02::1]/',
])('%s is no address of the public Internet', (url) => {
  expect(() => checkUrl(new URL(url))).toThrow(/leads to .* no address of the public Internet/);
  expect(() => checkUrl(new URL(url), true)).not.toThrow();
});

test('private addresses, networks and host names are allowed by name', async () => {
  const allowPrivate = ['10.1.0.0/16', '192.168.7.7', '::1', 'localhost'];
  const check = (url: string) => () => checkUrl(new URL(url), allowPrivate);
  for (const url of ['http://10.1.255.3/', 'http://192.168.7.7/', 'http://[::1]/']) expect(check(url)).not.toThrow();
  for (const url of ['http://10.2.0.1/', 'http://192.168.7.8/', 'http://127.0.0.1/']) expect(check(url)).toThrow();
  const port = await serve((_, response) => void response.end('inside'));
  expect(await answer(`http://localhost:${port}/`, { allowPrivate })).toBe('inside');
  await expect(answer(`http://localhost:${port}/`, { allowPrivate: ['other'] })).rejects.toThrow(RefusedRequestError);
});

test.each(['http://93.184.215.14/', 'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/', 'https://example.org/a?b=c'])(
  '%s is allowed',
  (url) => {
    expect(() => checkUrl(new URL(url))).not.toThrow();
  },
);

test.each([
  ['ftp://example.org/', /does not begin with http/],
  ['file:///etc/passwd', /does not begin with http/],
  ['https://me:secret@example.org/', /user name or a password/],
])('%s is refused whatever is allowed', (url, why) => {
  expect(() => checkUrl(new URL(url), true)).toThrow(why);
});

test('a name that leads to this machine is refused before anything is sent', async () => {
  let requests = 0;
  const port = await serve((_, response) => void response.end(`answer ${++requests}`));
  await expect(answer(`http://localhost:${port}/`, {})).rejects.toThrow(RefusedRequestError);
  expect(requests).toBe(0);
  expect(await answer(`http://localhost:${port}/`, { allowPrivate: true })).toBe('answer 1');
});

test('a redirect is checked like the first request', async () => {
  const inner = await serve((_, response) => void response.end('secret'));
  const location = { url: `http://127.0.0.2:${inner}/` };
  const port = await serve((_, response) => void response.writeHead(302, { location: location.url }).end());
  const allowPrivate = ['127.0.0.1/32'];
  await expect(answer(`http://127.0.0.1:${port}/`, { allowPrivate })).rejects.toThrow(/leads to 127\.0\.0\.2/);
  location.url = `http://localhost:${inner}/`;
  expect(await answer(`http://127.0.0.1:${port}/`, { allowPrivate: ['127.0.0.0/8', '::1/128'] })).toBe('secret');
});
