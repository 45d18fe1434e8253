import type { AddressInfo } from 'node:net';
import { TrainyardClient } from '@trainyard/client';
import { startHttpProxy } from '@trainyard/test-kit';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { AppOptions } from '../../src/app.js';
import { type Service, startService } from '../support/service.js';

const path = '/some/trainyard';
const portOf = ({ app }: Service) => (app.server.address() as AddressInfo).port;

async function listening(options: Partial<AppOptions>): Promise<Service> {
  const service = await startService(options);
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  return service;
}

/** URL of the service behind a proxy that has it below `path`. */
async function behindProxy(service: Service, strips: boolean): Promise<string> {
  const proxy = await startHttpProxy(portOf(service), { path, strips });
  onTestFinished(() => proxy.stop());
  return proxy.url;
}

let configured: Service;
let plain: Service;
beforeAll(async () => {
  [configured, plain] = await Promise.all([
    listening({ publicUrl: `https://example.org${path}` }),
    listening({ publicUrl: null }),
  ]);
});
afterAll(() => Promise.all([configured.close(), plain.close()]));

const proxies = [
  ['takes the path off', true],
  ['leaves the path there', false],
] as const;

describe.each(proxies)('behind a proxy that %s, with a public URL,', (_, strips) => {
  it('every Location leads to what it names', async () => {
    const url = await behindProxy(configured, strips);
    const headers = { authorization: `Bearer ${configured.admin.secret}`, 'content-type': 'application/json' };
    const job = await fetch(`${url}/v1/jobs`, { method: 'POST', headers, body: '{"architecture":"lenet"}' });
    const upload = await fetch(`${url}/v1/uploads`, {
      method: 'POST',
      headers: { authorization: headers.authorization, 'upload-length': '5' },
    });
    const created = [
      [job, 'jobs'],
      [upload, 'uploads'],
    ] as const;
    for (const [answer, resource] of created) {
      const { id } = (await answer.json()) as { id: string };
      const location = answer.headers.get('location') ?? '';
      expect(location).toBe(`${path}/v1/${resource}/${id}`);
      const found = await fetch(new URL(location, answer.url), { headers });
      expect(await found.json()).toMatchObject({ id });
    }
  });

  it('the client works', async () => {
    const client = new TrainyardClient({
      baseUrl: await behindProxy(configured, strips),
      apiKey: configured.admin.secret,
    });
    const { id } = await client.submit({ architecture: 'lenet' });
    expect(await client.cancel(id)).toMatchObject({ id, state: 'cancelled' });
  });
});

describe('the documentation behind a proxy', () => {
  it('finds its scripts', async () => {
    const setUps = [
      [configured, true],
      [configured, false],
      [plain, true],
    ] as const;
    for (const [service, strips] of setUps) {
      const url = await behindProxy(service, strips);
      const headers = { authorization: `Basic ${Buffer.from(`:${service.admin.secret}`).toString('base64')}` };
      const page = await fetch(`${url}/docs`, { headers });
      expect(page.url).toBe(`${url}/docs/`);
      const scripts = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, each = '']) => each);
      expect(scripts.length).toBeGreaterThan(3);
      for (const script of scripts) {
        expect((await fetch(new URL(script, page.url), { headers })).status, script).toBe(200);
      }
      const again = await fetch(`${url}/docs/static/index.html`, { headers });
      expect(again.url).toBe(`${url}/docs/`);
    }
  });

  it('has the right servers without a public URL, wherever it is read', async () => {
    const url = await behindProxy(plain, true);
    const headers = { authorization: `Bearer ${plain.admin.secret}` };
    for (const document of [`${url}/openapi.json`, `${url}/docs/json`]) {
      const { servers } = (await (await fetch(document, { headers })).json()) as { servers: { url: string }[] };
      expect(new URL(servers[0]?.url ?? '', document).href).toBe(`${url}/`);
    }
  });
});

describe('a public URL', () => {
  it('is the server of the document', async () => {
    for (const document of ['/openapi.json', '/docs/json', `${path}/openapi.json`]) {
      const { body } = await configured.agent.get(document).expect(200);
      expect(body.servers).toMatchObject([{ url: `https://example.org${path}` }]);
    }
  });

  it('is not taken off a longer name, and its own path is the root', async () => {
    await configured.agent.get(`${path}s/v1/jobs`).expect(404);
    await configured.agent.get(`${path}/v1/jobs?limit=1`).expect(200);
    const root = await configured.agent.get('/');
    for (const url of [path, `${path}/`, `${path}?x=1`]) {
      expect((await configured.agent.get(url)).status).toBe(root.status);
    }
  });

  it('changes nothing where there is none', async () => {
    const answer = await plain.agent.post('/v1/jobs').send({ architecture: 'lenet' }).expect(202);
    expect(answer.headers.location).toBe(`/v1/jobs/${answer.body.id}`);
    await plain.agent.get(`${path}/v1/jobs`).expect(404);
  });
});

describe('X-Forwarded-For', () => {
  const addressOf = ({ lines }: Service) => JSON.parse(lines.filter((line) => line.includes('"url"')).at(-1) ?? '{}');
  const ask = (service: Service) =>
    supertest(service.app.server).post('/v1/jobs').set('x-forwarded-for', '203.0.113.9, 198.51.100.7').expect(401);

  it('is ignored by default, as anyone could write it', async () => {
    await ask(plain);
    expect(addressOf(plain).address).toMatch(/127\.0\.0\.1$/);
  });

  it('is believed of trusted proxies, up to the first address that is none of them', async () => {
    const service = await listening({ trustedProxies: ['127.0.0.0/8'] });
    await ask(service);
    expect(addressOf(service).address).toBe('198.51.100.7');
    const proxies = await listening({ trustedProxies: ['127.0.0.0/8', '198.51.100.0/24'] });
    await ask(proxies);
    expect(addressOf(proxies).address).toBe('203.0.113.9');
    await service.close();
    await proxies.close();
  });

  it('and its like change no URL, also of trusted proxies', async () => {
    const service = await listening({ trustedProxies: ['127.0.0.0/8'] });
    const headers = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '//evil',
    };
    const { text } = await service.agent.get('/openapi.json').set(headers).expect(200);
    expect(text).not.toContain('evil');
    const answer = await service.agent.post('/v1/jobs').set(headers).send({ architecture: 'lenet' }).expect(202);
    expect(answer.headers.location).toBe(`/v1/jobs/${answer.body.id}`);
    await service.close();
  });
});
