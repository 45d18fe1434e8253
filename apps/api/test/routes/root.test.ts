import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8';

describe('GET /', () => {
  it('shows a browser a page that leads to the documentation, without asking for a password', async () => {
    const { headers, text } = await service.anonymous.get('/').set('accept', browser).expect(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link = '']) => new URL(link, 'http://h/').pathname);
    expect(links).toEqual(['/docs/', '/openapi.json']);
    for (const link of links) await service.anonymous.get(link).expect(200);
  });

  it.each([undefined, '*/*', 'application/json', 'application/json, text/html;q=0.5', 'text/html;q=0, */*'])(
    'answers Accept: %s with JSON',
    async (accept) => {
      const request = service.anonymous.get('/');
      const { body, headers } = await (accept ? request.set({ accept }) : request).expect(200);
      expect(body).toEqual({ name: 'Trainyard', documentation: './docs/', openapi: './openapi.json' });
      expect(headers.vary).toBe('Accept');
    },
  );

  it('leads below the path of the public URL', async () => {
    const other = await startService({
      publicUrl: 'https://example.org/trainyard',
      corsOrigins: ['https://a.example'],
    });
    const { body, headers } = await other.anonymous.get('/trainyard').expect(200);
    expect(body).toMatchObject({ documentation: '/trainyard/docs/', openapi: '/trainyard/openapi.json' });
    expect(headers.vary).toBe('Origin, Accept');
    await other.close();
  });
});

describe('the documentation', () => {
  const paths = ['/openapi.json', '/docs/', '/docs/json', '/docs/yaml', '/docs/static/swagger-ui.css'];

  it('needs no key', async () => {
    await service.anonymous.get('/docs').expect(302).expect('location', 'docs/');
    for (const path of paths) {
      await service.anonymous.get(path).expect(200);
      await service.anonymous.head(path).expect(200);
      await service.anonymous.post(path).send({}).expect(401);
    }
    await service.anonymous.get('/docsx').expect(401);
  });

  it('needs a key where the setting says so', async () => {
    const closed = await startService({ publicDocs: false });
    for (const path of ['/docs', ...paths]) {
      await closed.anonymous.get(path).expect(401);
      const { status } = await closed.agent.get(path);
      expect(status, path).toBe(path === '/docs' ? 302 : 200);
    }
    await closed.anonymous.get('/').set('accept', browser).expect(200);
    await closed.close();
  });
});
