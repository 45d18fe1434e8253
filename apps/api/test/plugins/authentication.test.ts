import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const jobId = 'job_01jzzzzzzzzzzzzzzzzzzzzzzz';
/** The probes, and the exchange of a code for a session. */
const isPublic = (path: string) => ['/healthz', '/readyz', '/v1/session/sign-in'].includes(path);

/** Every operation of the service's own OpenAPI document, with parameters that fit. */
async function operations() {
  const { body } = await service.agent.get('/openapi.json').expect(200);
  return Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method, path: path.replace('{id}', jobId).replace('{ref}', 'best') })),
  );
}

describe('without a key', () => {
  it('every route of the OpenAPI document except the probes and the sign-in responds with 401', async () => {
    const all = await operations();
    expect(all.length).toBeGreaterThanOrEqual(20);
    for (const { method, path } of all.filter(({ path }) => !isPublic(path))) {
      const answer = await service.anonymous[method as 'get'](path);
      expect(answer.status, `${method} ${path}`).toBe(401);
      if (method !== 'head') expect(answer.body.code, path).toBe('unauthorized');
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
  });

  it.each(['/metrics', '/v1/jobs', '/nowhere', '/v1', '/doc'])(
    '%s responds with 401, whether it exists or not',
    async (path) => {
      await service.anonymous.get(path).expect(401);
      await service.anonymous.post(path).send({}).expect(401);
    },
  );

  it('the health probes respond', async () => {
    await service.anonymous.get('/healthz').expect(200, { ok: true });
    const checks = { database: { ok: true }, queue: { ok: true }, artifacts: { ok: true } };
    await service.anonymous.get('/readyz').expect(200, { ready: true, checks });
  });

  it.each(['Bearer', 'Bearer nonsense', `Bearer ${'x'.repeat(5000)}`, 'Basic eA==', 'Digest x', 'Bearer a b'])(
    'a request with "%.20s" instead of a key is refused',
    async (authorization) => {
      await service.anonymous.get('/v1/jobs').set({ authorization }).expect(401);
    },
  );
});

describe('a key', () => {
  it('is accepted as a Basic password for reading, but not for writing', async () => {
    const basic = `Basic ${Buffer.from(`anyone:${service.admin.secret}`).toString('base64')}`;
    await service.anonymous.get('/v1/jobs').set({ authorization: basic }).expect(200);
    await service.anonymous.post('/v1/jobs').set({ authorization: basic }).send({}).expect(401);
    const asked = await service.anonymous.get('/v1/jobs').set({ accept: 'text/html,*/*;q=0.8' }).expect(401);
    expect(asked.headers['www-authenticate']).toMatch(/^Basic/);
  });

  it('of a reader can read, describe and plan, and is refused for submitting and controlling jobs', async () => {
    const reader = await service.db.keys.create({ name: 'r', role: 'reader', project: 'default' });
    const as = { authorization: `Bearer ${reader.secret}` };
    const id = await submit(service);
    await service.anonymous.get(`/v1/jobs/${id}`).set(as).expect(200);
    await service.anonymous.post('/v1/architectures/describe').set(as).send({ layers: [] }).expect(422);
    const plan = await service.anonymous.post('/v1/jobs?dryRun=true').set(as).send({ architecture: 'lenet' });
    expect(plan.status).toBe(200);
    const queries = ['', '?dryRun=false', '?dryRun=TRUE', '?dryRun=1', '?dryRun=true&dryRun=false', '?dryrun=true'];
    for (const query of queries) {
      await service.anonymous.post(`/v1/jobs${query}`).set(as).send({ architecture: 'lenet' }).expect(403);
    }
    expect((await service.agent.get('/v1/jobs').expect(200)).body.data).toHaveLength(1);
    for (const path of ['/v1/jobs', `/v1/jobs/${id}/cancel`, `/v1/jobs/${id}/retry`]) {
      const { body } = await service.anonymous.post(path).set(as).send({ architecture: 'lenet' }).expect(403);
      expect(body.code).toBe('forbidden');
    }
  });

  it('of a submitter can submit and cancel jobs', async () => {
    const submitter = await service.db.keys.create({ name: 's', role: 'submitter', project: 'default' });
    const as = { authorization: `Bearer ${submitter.secret}` };
    const answer = await service.anonymous.post('/v1/jobs').set(as).send({ architecture: 'lenet' }).expect(202);
    await service.anonymous.post(`/v1/jobs/${answer.body.id}/cancel`).set(as).expect(202);
  });

  it('never appears in the log', async () => {
    await submit(service);
    expect(service.lines.join('')).not.toContain(service.admin.secret);
  });
});
