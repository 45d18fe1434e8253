import { readFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import path from 'node:path';
import {
  type Certificates,
  createCertificates,
  eventually,
  hasHaproxy,
  hasNginx,
  startHaproxy,
  startNginx,
  type WebProxy,
} from '@trainyard/test-kit';
import getPort from 'get-port';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finish, startJob } from './support/jobs.js';
import { listen, type Service, startService } from './support/service.js';

const operations = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

/** The settings that docs/operations.md has for a proxy. */
function documented(language: string): string {
  const block = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(operations)?.[1];
  if (block === undefined) throw new Error(`docs/operations.md has no settings of ${language}`);
  return block;
}

/** HAProxy reads the certificate and its key from one file. */
async function inOneFile({ certificate, key, authority }: Certificates): Promise<string> {
  const file = path.join(path.dirname(authority), 'both.pem');
  await writeFile(file, (await readFile(certificate, 'utf8')) + (await readFile(key, 'utf8')));
  return file;
}

const proxies = [
  { name: 'nginx', language: 'nginx', isInstalled: hasNginx, start: startNginx },
  { name: 'HAProxy', language: 'haproxy', isInstalled: hasHaproxy, start: startHaproxy },
];
for (const { name, isInstalled } of proxies)
  if (!isInstalled) console.warn(`SKIPPED: the API behind ${name}, which is not installed (apt-get install)`);

describe.each(proxies)('behind $name with the settings of docs/operations.md', ({ language, isInstalled, start }) => {
  let service: Service;
  let certificates: Certificates;
  let proxy: WebProxy;
  let options: RequestOptions;
  let log = '';
  beforeAll(async () => {
    if (!isInstalled) return;
    const write = (line: string) => {
      log += line;
    };
    const logger = pino({ level: 'debug' }, { write });
    const settings = { publicUrl: 'https://example.org/trainyard', trustedProxies: ['127.0.0.1'], logger };
    service = await startService(settings);
    certificates = await createCertificates();
    const [port, target] = [await getPort(), await listen(service)];
    const adapted = documented(language)
      .replace('listen 443', `listen 127.0.0.1:${port}`)
      .replace('bind :443', `bind 127.0.0.1:${port}`)
      .replace('127.0.0.1:4600', `127.0.0.1:${target}`)
      .replace('/etc/nginx/example.org.pem', certificates.certificate)
      .replace('/etc/nginx/example.org.key', certificates.key)
      .replace('/etc/haproxy/example.org.pem', await inOneFile(certificates));
    proxy = await start({ settings: adapted, port });
    const authorization = `Bearer ${service.admin.secret}`;
    options = { host: 'localhost', port, ca: await readFile(certificates.authority), headers: { authorization } };
    // Its health check has found the API.
    await eventually('the API', async () => (await answerOf(call('/readyz'))).status === 200);
  });
  afterAll(async () => {
    await proxy?.stop();
    await service?.close();
    await certificates?.remove();
  });

  function call(below: string, { headers = {}, ...rest }: RequestOptions = {}) {
    return request({ ...options, ...rest, path: `/trainyard${below}`, headers: { ...options.headers, ...headers } });
  }

  /** @param body an answer may come, and the connection end, before all of it is sent. */
  async function answerOf(sent: ReturnType<typeof call>, body?: string | Buffer) {
    const response = await new Promise<IncomingMessage>((resolve, reject) =>
      sent.once('response', resolve).once('error', reject).end(body),
    );
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  }

  it.skipIf(!isInstalled)('links and Location are below its path, and the address is that of the client', async () => {
    const json = { 'content-type': 'application/json' };
    const post = call('/v1/jobs', { method: 'POST', headers: json });
    const { status, headers } = await answerOf(post, '{"architecture":"lenet"}');
    expect(status).toBe(202);
    expect(headers.location).toMatch(/^\/trainyard\/v1\/jobs\/job_/);
    expect((await answerOf(call(headers.location?.slice('/trainyard'.length) ?? ''))).status).toBe(200);
    expect((await answerOf(call('/docs/'))).status).toBe(200);
    // The proxy adds the address of its client to the header, and the API believes that one, not what was there.
    const options = { localAddress: '127.0.0.2', headers: { 'x-forwarded-for': '203.0.113.7' } };
    await answerOf(call('/v1/workers', options));
    await eventually('the line of the request', () => log.includes('/v1/workers'));
    const line = log
      .split('\n')
      .find((text) => text.includes('"url":"/v1/workers') || text.includes('/trainyard/v1/workers'));
    expect(line).toContain('"127.0.0.2"');
    expect(line).not.toContain('203.0.113.7');
  });

  it.skipIf(!isInstalled)('events arrive one by one while their stream is open', async () => {
    const { jobId, token } = await startJob(service);
    const sent = call(`/v1/jobs/${jobId}/events`, { headers: { accept: 'text/event-stream' } });
    const response = await new Promise<IncomingMessage>((resolve) => sent.once('response', resolve).end());
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await eventually('the first events', () => text.includes('event: started'));
    await service.db.attempts.warning(token, { code: 'loud', message: 'seen at once' });
    await eventually('the next event', () => text.includes('seen at once'));
    expect(response.complete).toBe(false);
    await finish(service, token);
    await eventually('the end', () => text.includes('event: end') && response.complete);
  });

  it.skipIf(!isInstalled)('an upload reaches the service while it is being sent, whatever its size', async () => {
    const megabytes = Buffer.alloc(4 << 20, 'x');
    const length = { 'upload-length': String(2 * megabytes.length) };
    const { text } = await answerOf(call('/v1/uploads', { method: 'POST', headers: length }));
    const { id } = JSON.parse(text);
    const part = {
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': String(2 * megabytes.length),
    };
    const patch = call(`/v1/uploads/${id}`, { method: 'PATCH', headers: part });
    patch.write(megabytes);
    const arrived = async () => {
      const folder = path.join(service.datasets.root, '.uploads', 'default', id);
      return (await stat(folder).catch(() => null))?.size ?? 0;
    };
    // All but what is in buffers of the connections.
    await eventually('the first half', async () => (await arrived()) > megabytes.length / 2);
    const { status, headers } = await answerOf(patch, megabytes);
    expect([status, headers['upload-offset']]).toEqual([204, String(2 * megabytes.length)]);
    await answerOf(call(`/v1/uploads/${id}`, { method: 'DELETE' }));
  });

  it.skipIf(!isInstalled)('the longest filter arrives', async () => {
    const filter = encodeURIComponent(`name = "${'字'.repeat(3991)}"`);
    const { status, text } = await answerOf(call(`/v1/jobs?filter=${filter}`));
    expect([status, text]).toEqual([200, JSON.stringify({ data: [], nextCursor: null })]);
  });
});
