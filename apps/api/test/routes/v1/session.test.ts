import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
const ownPage = { 'sec-fetch-site': 'same-origin' };
const newKey = (role: 'reader' | 'submitter') => service.db.keys.create({ name: 'anna', role, project: 'default' });

/** Signs in with a key of its own; the cookie as a browser sends it, and as it was set. */
async function signedIn(role: 'reader' | 'submitter' = 'submitter') {
  const key = await newKey(role);
  const { headers, body } = await service.anonymous.post('/v1/session').set(as(key.secret)).expect(201);
  const [set = ''] = headers['set-cookie'] as unknown as string[];
  return { key, body, set, cookie: { cookie: set.split(';')[0] } };
}

describe('a session', () => {
  it('has the rights of its key, in a cookie that no script reads and no other site sends', async () => {
    const { key, body, set, cookie } = await signedIn('reader');
    expect(body).toEqual({ keyId: key.id, name: 'anna', role: 'reader', project: 'default' });
    expect(set.split('; ').slice(1)).toEqual(['Max-Age=604800', 'Path=/', 'HttpOnly', 'SameSite=Strict']);
    expect((await service.anonymous.get('/v1/session').set(cookie).expect(200)).body).toEqual(body);
    await service.anonymous.post('/v1/jobs').set(cookie).set(ownPage).send({ architecture: 'lenet' }).expect(403);
    await service.anonymous.get('/v1/keys').set(cookie).expect(403);
  });

  it('changes something only from the pages of the service', async () => {
    const id = await submit(service);
    const { cookie } = await signedIn();
    const cancel = (headers: Record<string, string>) =>
      service.anonymous
        .post(`/v1/jobs/${id}/cancel`)
        .set(cookie)
        .set({ host: 'train.example', ...headers });
    const wrong: Record<string, string>[] = [
      {},
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: 'http://train.example:8080' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin: 'http://train.example' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of wrong) {
      expect((await cancel(headers)).status, JSON.stringify(headers)).toBe(401);
    }
    await cancel({ origin: 'http://train.example' }).expect(202);
    // It is cancelled already.
    await cancel(ownPage).expect(200);
  });

  it('is not read by other sites, those of the same host included', async () => {
    const { cookie } = await signedIn();
    const statusFrom = async (site: string) =>
      (await service.anonymous.get('/v1/jobs').set(cookie).set({ 'sec-fetch-site': site })).status;
    expect([await statusFrom('cross-site'), await statusFrom('same-site')]).toEqual([401, 401]);
    expect([await statusFrom('same-origin'), await statusFrom('none')]).toEqual([200, 200]);
  });

  it('ends at once when the user signs out', async () => {
    const { cookie, key } = await signedIn();
    await service.anonymous.get('/v1/jobs').set(cookie).expect(200);
    await service.anonymous.delete('/v1/session').set(cookie).set({ 'sec-fetch-site': 'cross-site' }).expect(401);
    const out = await service.anonymous.delete('/v1/session').set(cookie).set(ownPage).expect(204);
    expect(out.headers['set-cookie']?.[0]).toMatch(/^trainyard_session=; Max-Age=0; .*Path=\//);
    await service.anonymous.get('/v1/jobs').set(cookie).expect(401);
    await service.anonymous.get('/v1/jobs').set(as(key.secret)).expect(200);
  });

  it('ends when its key is revoked', async () => {
    const { cookie, key } = await signedIn();
    await service.agent.post(`/v1/keys/${key.id}/revoke`).expect(200);
    await service.anonymous.get('/v1/jobs').set(cookie).expect(401);
  });

  it('opens no other session: that needs the key', async () => {
    const { cookie } = await signedIn();
    for (const path of ['/v1/session', '/v1/session/codes']) {
      await service.anonymous.post(path).set(cookie).set(ownPage).expect(401);
    }
  });
});

describe('a code', () => {
  const codeOf = async (secret: string) =>
    (await service.anonymous.post('/v1/session/codes').set(as(secret)).expect(201)).body.code;
  const signIn = (code: string) => service.anonymous.post('/v1/session/sign-in').send({ code });

  it('opens one session, with the rights of its key', async () => {
    const key = await newKey('reader');
    const code = await codeOf(key.secret);
    const { body, headers } = await signIn(code).expect(201);
    expect(body.keyId).toBe(key.id);
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    await service.anonymous.get('/v1/jobs').set({ cookie }).expect(200);
    expect((await signIn(code).expect(401)).headers['set-cookie']).toBeUndefined();
    expect(service.lines.join('')).not.toContain(code);
  });

  it('opens none once its key is revoked', async () => {
    const key = await newKey('reader');
    const code = await codeOf(key.secret);
    await service.agent.post(`/v1/keys/${key.id}/revoke`).expect(200);
    await signIn(code).expect(401);
  });
});

it('behind a proxy with TLS the cookie is sent over it alone, below the path of the public URL', async () => {
  const other = await startService({ publicUrl: 'https://example.org/trainyard' });
  const { headers } = await other.agent.post('/v1/session').expect(201);
  expect(headers['set-cookie']?.[0]).toMatch(/; Path=\/trainyard; HttpOnly; Secure; SameSite=Strict$/);
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const from = (origin: string) => other.anonymous.delete('/v1/session').set({ cookie, origin, host: 'inner:4600' });
  await from('https://example.com').expect(401);
  await from('https://example.org').expect(204);
  await other.close();
});
