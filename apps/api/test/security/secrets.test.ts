import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedJob } from '../support/jobs.js';
import { type Service, startService } from '../support/service.js';

/** Everything that the service logs, at the most verbose level. */
const lines: string[] = [];
let service: Service;
beforeAll(async () => {
  const logger = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
  service = await startService({ logger });
});
afterAll(() => service.close());

describe('a key', () => {
  it('appears in no log line, and in no response but the one that created it', async () => {
    const { secret } = service.admin;
    const created = (await service.agent.post('/v1/keys').send({ name: 'new', role: 'admin' }).expect(201)).body.secret;
    const id = await finishedJob(service);
    const texts: string[] = [];
    for (const key of [secret, created]) {
      const forms = [
        { authorization: `Bearer ${key}` },
        { authorization: `Bearer ${key}x` },
        { authorization: `Bearer x ${key}` },
        { authorization: key },
        { authorization: `Basic ${Buffer.from(`x:${key}`).toString('base64')}` },
        { cookie: `key=${key}` },
        { cookie: `trainyard_session=${key}` },
        { 'x-api-key': key },
      ];
      const paths = [
        '/healthz',
        '/v1/jobs',
        `/v1/jobs/${id}`,
        `/v1/jobs/${id}/checkpoints/best/download`,
        '/v1/keys',
        '/v1/audit',
        '/nowhere',
        '/v1/jobs/x',
        '/v1/results?sort=x',
        `/v1/jobs?key=${key}`,
        `/v1/jobs?access_token=${key}`,
      ];
      for (const headers of forms) {
        for (const path of paths) {
          const answer = await service.anonymous.get(path).set(headers);
          texts.push(JSON.stringify(answer.headers), answer.text ?? '');
        }
        const posted = await service.anonymous.post('/v1/jobs').set(headers).send('{"architecture"').type('json');
        texts.push(posted.text);
      }
    }
    const { headers } = await service.agent.post('/v1/session').expect(201);
    const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    for (const path of ['/v1/jobs', '/v1/session', '/nowhere', '/v1/results?sort=x']) {
      const answer = await service.anonymous.get(path).set({ cookie });
      texts.push(JSON.stringify(answer.headers), answer.text ?? '');
    }
    const token = cookie.split('=')[1] ?? cookie;
    expect(token).toHaveLength(43);
    await service.app.close();
    for (const hidden of [token, secret, created, secret.slice(30), created.slice(30), service.databaseUrl]) {
      expect(lines.join('')).not.toContain(hidden);
      expect(texts.join('')).not.toContain(hidden);
    }
    expect(lines.length).toBeGreaterThan(100);
  });
});
