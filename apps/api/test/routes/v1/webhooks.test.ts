import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const url = 'https://hooks.example.com/a?b=c';

describe('webhooks', () => {
  it('are created, listed, changed and deleted; the secret is in the first answer only', async () => {
    const { body, headers } = await service.agent.post('/v1/webhooks').send({ url }).expect(201);
    expect(body).toMatchObject({ url, events: ['succeeded', 'failed', 'cancelled'], filter: null, enabled: true });
    expect(body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(headers.location).toBe(`/v1/webhooks/${body.id}`);
    const { secret, ...shown } = body;
    expect((await service.agent.get(`/v1/webhooks/${body.id}`).expect(200)).body).toEqual(shown);
    const patch = { filter: 'tag : "night’s"', events: ['epoch'], enabled: false };
    const changed = await service.agent.patch(`/v1/webhooks/${body.id}`).send(patch).expect(200);
    expect(changed.body).toEqual({ ...shown, ...patch });
    const all = await service.agent.get('/v1/webhooks').expect(200);
    expect(all.body.data).toEqual([changed.body]);
    expect(JSON.stringify(all.body)).not.toContain(secret);
    await service.agent.delete(`/v1/webhooks/${body.id}`).expect(204);
    await service.agent.delete(`/v1/webhooks/${body.id}`).expect(404);
  });

  it.each([
    [{}, '/url'],
    [{ url: 'ftp://example.com/' }, '/url'],
    [{ url: 'https://user:secret@example.com/' }, '/url'],
    [{ url: 'http://10.1.2.3/' }, '/url'],
    [{ url: 'http://[::1]/' }, '/url'],
    [{ url: 'http://100.64.0.1/' }, '/url'],
    [{ url: 'http://2130706433/' }, '/url'],
    [{ url, events: [] }, '/events'],
    [{ url, events: ['output'] }, '/events/0'],
    [{ url, filter: '' }, '/filter'],
    [{ url, filter: 'nothing = 3' }, '/filter'],
    [{ url, filter: 'name = "a\u0000b"' }, '/filter'],
    [{ url, secret: 'whsec_mine' }, '/secret'],
  ])('are refused for %j at %s', async (sent, pointer) => {
    const { body } = await service.agent.post('/v1/webhooks').send(sent).expect(400);
    expect(body.errors).toMatchObject([{ pointer }]);
  });

  it('are not for readers', async () => {
    const { secret } = await service.db.keys.create({ name: 'r', role: 'reader', project: 'default' });
    await service.anonymous.get('/v1/webhooks').set('authorization', `Bearer ${secret}`).expect(403);
  });

  it('are twenty a project at most, also when many are created at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => service.agent.post('/v1/webhooks').send({ url })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
  });
});
