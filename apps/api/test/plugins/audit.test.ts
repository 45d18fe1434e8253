import type { AuditEntry, Role } from '@trainyard/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob } from '../support/jobs.js';
import { type Service, startService, submit } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const audit = async (query = ''): Promise<AuditEntry[]> =>
  (await service.agent.get(`/v1/audit${query}`).expect(200)).body.data;
const newKey = async (role: Role, project = 'default') => {
  const { id, secret } = await service.db.keys.create({ name: role, role, project });
  return { id, secret, as: { authorization: `Bearer ${secret}` } };
};

describe('the audit', () => {
  it('records which key did what to which object, when and with which status', async () => {
    const id = await submit(service);
    const cancel = await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
    await service.agent.post(`/v1/jobs/${id}/pause`).expect(409);
    const created = await service.agent.post('/v1/keys').send({ name: 'x' }).expect(201);
    const common = { keyId: service.admin.id, project: 'default', at: expect.stringMatching(/^\d{4}-/) };
    const requestId = expect.stringMatching(/^req_/);
    expect(await audit()).toEqual([
      { ...common, requestId, action: 'POST /v1/keys', object: created.body.id, status: 201 },
      { ...common, requestId, action: 'POST /v1/jobs/{id}/pause', object: id, status: 409 },
      {
        ...common,
        requestId: cancel.headers['x-request-id'],
        action: 'POST /v1/jobs/{id}/cancel',
        object: id,
        status: 202,
      },
      { ...common, requestId, action: 'POST /v1/jobs', object: id, status: 202 },
    ]);
  });

  it('records forbidden requests and downloads, and no other reads', async () => {
    const id = await finishedJob(service);
    const reader = await newKey('reader');
    await service.anonymous.get('/v1/keys').set(reader.as).expect(403);
    await service.anonymous.post(`/v1/jobs/${id}/cancel`).set(reader.as).expect(403);
    await service.anonymous.get(`/v1/jobs/${id}`).set(reader.as).expect(200);
    await service.anonymous.get(`/v1/jobs/${id}/checkpoints/best/download`).set(reader.as).expect(200);
    const actions = (await audit(`?keyId=${reader.id}`)).map(({ action, status }) => `${action} ${status}`);
    expect(actions.reverse()).toEqual([
      'GET /v1/keys 403',
      'POST /v1/jobs/{id}/cancel 403',
      'GET /v1/jobs/{id}/checkpoints/{ref}/download 200',
    ]);
  });

  it('can be filtered by object and is paged', async () => {
    const id = await submit(service);
    for (let i = 0; i < 4; i++) await service.agent.post(`/v1/jobs/${id}/${i % 2 ? 'resume' : 'pause'}`).expect(202);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await service.agent.get(`/v1/audit?object=${id}&limit=2${cursor}`).expect(200);
      seen.push(...body.data.map(({ action }: AuditEntry) => action));
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`;
    } while (cursor);
    const [pause, resume] = ['POST /v1/jobs/{id}/pause', 'POST /v1/jobs/{id}/resume'];
    expect(seen).toEqual([resume, pause, resume, pause, 'POST /v1/jobs']);
    for (const wrong of ['x', '', 'a+b', 'x'.repeat(513)]) {
      const { body } = await service.agent.get('/v1/audit').query({ cursor: wrong }).expect(400);
      expect(body.errors).toMatchObject([{ pointer: '/cursor' }]);
    }
  });

  it('needs an admin key, and shows admins of other projects only their own project', async () => {
    const submitter = await newKey('submitter');
    await service.anonymous.get('/v1/audit').set(submitter.as).expect(403);
    const admin = await newKey('admin', 'vision');
    await service.anonymous.post('/v1/keys').set(admin.as).send({ name: 'y' }).expect(201);
    const { body } = await service.anonymous.get('/v1/audit').set(admin.as).expect(200);
    expect(body.data).toMatchObject([{ keyId: admin.id, project: 'vision', action: 'POST /v1/keys' }]);
    expect(body.data).toHaveLength(1);
  });

  it('contains no secret, and loses entries older than its retention', async () => {
    const { secret, as } = await newKey('admin', 'secretive');
    const created = await service.anonymous.post('/v1/keys').set(as).send({ name: secret }).expect(201);
    expect(await audit()).not.toEqual([]);
    const client = new pg.Client({ connectionString: service.databaseUrl });
    await client.connect();
    const { rows } = await client.query('SELECT to_jsonb(a)::text AS text FROM audit_entries a');
    for (const { text } of rows) for (const hidden of [secret, created.body.secret]) expect(text).not.toContain(hidden);
    await client.query(`UPDATE audit_entries SET at = now() - interval '3 days' WHERE project = 'default'`);
    await service.db.audit.prune(2);
    const left = await client.query('SELECT DISTINCT project FROM audit_entries ORDER BY 1');
    await client.end();
    expect(left.rows.map(({ project }) => project)).toContain('secretive');
    expect(left.rows.map(({ project }) => project)).not.toContain('default');
  });
});
