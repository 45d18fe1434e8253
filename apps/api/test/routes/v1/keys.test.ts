import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@trainyard/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ eventPollSeconds: 0.05 });
});
afterAll(() => service.close());

const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
const create = async (body: object, secret = service.admin.secret) =>
  service.anonymous.post('/v1/keys').set(as(secret)).send(body);
const unlimited = { requestsPerMinute: null, queuedJobs: null, trainingSecondsPerDay: null };

describe('keys', () => {
  it('are created with a secret that is returned once, and listed without it', async () => {
    const { status, body, headers } = await create({ name: 'laptop', project: 'vision', limits: { queuedJobs: 5 } });
    expect(status).toBe(201);
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toMatchObject({ role: 'submitter', project: 'vision', limits: { ...unlimited, queuedJobs: 5 } });
    await service.anonymous.get('/v1/jobs').set(as(body.secret)).expect(200);
    const list = await service.agent.get('/v1/keys').expect(200);
    const { secret, ...withoutSecret } = body;
    expect(list.body.data).toContainEqual(withoutSecret);
    expect(JSON.stringify(list.body)).not.toContain(secret);
  });

  it('that are revoked are refused, and stay in the list', async () => {
    const { body } = await create({ name: 'lost' });
    const revoke = () => service.agent.post(`/v1/keys/${body.id}/revoke`).expect(200);
    const first = (await revoke()).body;
    expect(first.revokedAt).not.toBeNull();
    expect((await revoke()).body).toEqual(first);
    await service.anonymous.get('/v1/jobs').set(as(body.secret)).expect(401);
    const list = await service.agent.get('/v1/keys').expect(200);
    expect(list.body.data).toContainEqual(first);
  });

  it('that have expired are refused with the time of it, and stay in the list', async () => {
    const { secret, ...expired } = await service.db.keys.create({
      ...{ name: 'temporary', role: 'reader', project: 'default' },
      expiresAt: '2026-01-01T00:00:00.000Z',
    });
    const { body } = await service.anonymous.get('/v1/jobs').set(as(secret)).expect(401);
    expect(body).toMatchObject({
      code: 'unauthorized',
      detail: expect.stringContaining('expired at 2026-01-01T00:00'),
    });
    const wrong = await service.anonymous
      .get('/v1/jobs')
      .set(as(`${secret.slice(0, -4)}AAAA`))
      .expect(401);
    expect(wrong.body.detail, 'without the secret').not.toContain('expired');
    const list = await service.agent.get('/v1/keys').expect(200);
    expect(list.body.data).toContainEqual(expired);
    const open = await create({ name: 'longer', expiresAt: '9999-12-31T23:30:00+01:00' });
    expect(open.body.expiresAt).toBe('9999-12-31T22:30:00.000Z');
    await service.anonymous.get('/v1/jobs').set(as(open.body.secret)).expect(200);
    const past = await create({ name: 'too late', expiresAt: '2026-01-01T00:00:00Z' });
    expect(past.status).toBe(400);
    expect(past.body.errors).toEqual([
      { pointer: '/expiresAt', detail: 'must be in the future (is "2026-01-01T00:00:00Z")' },
    ]);
  });

  it('cannot revoke themselves, so that an admin key always remains', async () => {
    await service.agent.post(`/v1/keys/${service.admin.id}/revoke`).expect(409);
    await service.agent.get('/v1/jobs').expect(200);
  });

  it('with faults are refused with every fault listed', async () => {
    const { status, body } = await create({
      name: 'a\u001b[31mb',
      role: 'root',
      project: '../x',
      limits: { queuedJobs: -1 },
    });
    expect(status).toBe(400);
    expect(body.errors.map((e: { pointer: string }) => e.pointer).sort()).toEqual([
      '/limits/queuedJobs',
      '/name',
      '/project',
      '/role',
    ]);
    for (const wrong of [{}, { name: 'x', secret: 'mine' }, { name: '' }])
      expect((await create(wrong)).status).toBe(400);
  });

  it('are managed only by admins', async () => {
    for (const role of ['reader', 'submitter']) {
      const { secret } = (await create({ name: role, role })).body;
      expect((await create({ name: 'more' }, secret)).status).toBe(403);
      await service.anonymous.get('/v1/keys').set(as(secret)).expect(403);
      await service.anonymous.post(`/v1/keys/${service.admin.id}/revoke`).set(as(secret)).expect(403);
    }
  });

  it('of an admin of another project manage only that project', async () => {
    const { secret } = (await create({ name: 'head of vision', role: 'admin', project: 'vision' })).body;
    const own = await create({ name: 'member' }, secret);
    expect(own.body.project).toBe('vision');
    expect((await create({ name: 'stranger', project: 'default' }, secret)).status).toBe(403);
    const list = await service.anonymous.get('/v1/keys').set(as(secret)).expect(200);
    expect(new Set(list.body.data.map((key: { project: string }) => key.project))).toEqual(new Set(['vision']));
    await service.anonymous.post(`/v1/keys/${service.admin.id}/revoke`).set(as(secret)).expect(404);
    await service.anonymous.post(`/v1/keys/${own.body.id}/revoke`).set(as(secret)).expect(200);
  });
});

describe('projects', () => {
  it('have their own jobs and idempotency keys', async () => {
    const { secret } = (await create({ name: 's', project: 'own' })).body;
    const send = (key: string) =>
      service.anonymous
        .post('/v1/jobs')
        .set({ ...as(key), 'idempotency-key': 'k' })
        .send({ architecture: 'lenet' });
    const mine = await send(secret).expect(202);
    const theirs = await send(service.admin.secret).expect(202);
    expect(mine.body.id).not.toBe(theirs.body.id);
    const list = await service.anonymous.get('/v1/jobs').set(as(secret)).expect(200);
    expect(list.body.data.map(({ id }: { id: string }) => id)).toEqual([mine.body.id]);
  });
});

describe('a live stream', () => {
  it('ends when its key is revoked, or expires', async () => {
    const { jobId } = await startJob(service);
    const { body } = await create({ name: 'watcher', role: 'reader' });
    const expiresAt = new Date(Date.now() + 3000).toISOString();
    const brief = await create({ name: 'brief', role: 'reader', expiresAt });
    await service.app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = service.app.server.address() as AddressInfo;
    let ended = 0;
    for (const secret of [body.secret, brief.body.secret]) {
      const headers = { ...as(secret), accept: 'text/event-stream' };
      const response = await new Promise<IncomingMessage>((resolve) =>
        get({ port, path: `/v1/jobs/${jobId}/events`, headers }, resolve),
      );
      expect(response.statusCode).toBe(200);
      response.resume().on('end', () => {
        ended += 1;
      });
    }
    await eventually('the subscriptions', () => service.app.liveEvents.subscribers > 0);
    await service.agent.post(`/v1/keys/${body.id}/revoke`).expect(200);
    await eventually('the end of both streams', () => ended === 2);
    await submit(service);
  });
});
