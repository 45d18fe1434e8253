import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../support/service.js';

const origin = 'https://app.example';

let service: Service;
beforeAll(async () => {
  service = await startService({ corsOrigins: ['http://127.0.0.1:5173', origin] });
});
afterAll(() => service.close());

const preflight = ({ anonymous }: Service, path: string, from = origin) =>
  anonymous.options(path).set({
    origin: from,
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization,content-type,idempotency-key',
  });

const exposed = (headers: Record<string, string>) => headers['access-control-expose-headers']?.split(', ') ?? [];

describe('a preflight', () => {
  it.each(['/v1/jobs', '/v1/uploads', '/v1/jobs/job_00000000000000000000000000/events', '/v1/nothing'])(
    'of %s is answered without a key',
    async (path) => {
      const { headers, text } = await preflight(service, path).expect(204);
      expect(text).toBe('');
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE',
        'access-control-allow-headers': 'authorization,content-type,idempotency-key',
        'access-control-max-age': '600',
      });
      expect(headers.vary).toContain('Origin');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    },
  );

  it.each(['https://other.example', 'https://app.example.evil', 'http://app.example', 'null'])(
    'of %s is not allowed',
    async (from) => {
      const { headers } = await preflight(service, '/v1/jobs', from);
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it('is nothing special without the setting', async () => {
    const closed = await startService();
    const { headers } = await preflight(closed, '/v1/jobs').expect(401);
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const answer = await closed.agent.get('/v1/jobs').set({ origin }).expect(200);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    await closed.close();
  });
});

it('an OPTIONS that is no preflight needs a key, and lists the methods', async () => {
  await service.anonymous.options('/v1/jobs').set({ origin }).expect(401);
  await service.agent.options('/v1/jobs').set({ origin }).expect(204).expect('allow', 'GET, HEAD, POST');
  await service.agent.options('/v1/uploads').expect(204).expect('tus-version', '1.0.0');
  await service.agent.options('/v1/nothing').expect(404);
  await service.agent.put('/v1/nothing').expect(404);
});

describe('a script of an allowed origin', () => {
  it('reads answers and their headers', async () => {
    const send = () =>
      service.agent
        .post('/v1/jobs')
        .set({ origin, 'idempotency-key': 'k' })
        .send({ architecture: 'lenet' })
        .expect(202);
    await send();
    const { headers } = await send();
    expect(headers['access-control-allow-origin']).toBe(origin);
    expect(exposed(headers)).toEqual(
      expect.arrayContaining([
        'location',
        'idempotency-replayed',
        'etag',
        'retry-after',
        'content-range',
        'repr-digest',
      ]),
    );
    // The headers that the answer has besides those of every answer in a browser's list of safe ones.
    for (const name of ['location', 'idempotency-replayed', 'x-request-id']) {
      expect(headers[name]).toBeDefined();
      expect(exposed(headers)).toContain(name);
    }
  });

  it.each([
    [400, () => service.agent.get('/v1/jobs?limit=0')],
    [401, () => service.anonymous.get('/v1/jobs')],
    [404, () => service.agent.get('/v1/nothing')],
    [405, () => service.agent.put('/v1/jobs')],
    [413, () => service.agent.post('/v1/jobs').send({ notes: 'x'.repeat(1 << 20) })],
    [415, () => service.agent.post('/v1/jobs').type('text/plain').send('lenet')],
    [422, () => service.agent.post('/v1/jobs').send({ epochs: 0 })],
  ])('reads a problem with status %i', async (status, send) => {
    const { headers, body } = await send().set({ origin }).expect(status);
    expect(body).toMatchObject({ status });
    expect(headers['access-control-allow-origin']).toBe(origin);
  });

  it('reads when to retry after a limit', async () => {
    const limits = { requestsPerMinute: 1, queuedJobs: null, trainingSecondsPerDay: null };
    const limited = await startService({ corsOrigins: [origin], limits });
    await limited.agent.get('/v1/jobs').expect(200);
    const { headers } = await limited.agent.get('/v1/jobs').set({ origin }).expect(429);
    expect(headers['access-control-allow-origin']).toBe(origin);
    for (const name of ['retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']) {
      expect(headers[name]).toBeDefined();
      expect(exposed(headers)).toContain(name);
    }
    await limited.close();
  });

  it('reads live events', async () => {
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = service.app.server.address() as AddressInfo;
    const id = await submit(service);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/jobs/${id}/events`, {
      headers: { origin, accept: 'text/event-stream', authorization: `Bearer ${service.admin.secret}` },
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    await answer.body?.cancel();
  });
});

it('every origin may be allowed, and never with the credentials of a browser', async () => {
  const open = await startService({ corsOrigins: ['*'] });
  const asked = await preflight(open, '/v1/jobs', 'https://any.example').expect(204);
  const answer = await open.agent.get('/v1/jobs').set({ origin: 'null' }).expect(200);
  for (const { headers } of [asked, answer]) {
    expect(headers['access-control-allow-origin']).toBe('*');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  }
  await open.close();
});
