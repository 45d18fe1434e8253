import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Service, startService, submit } from './support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

it('requests that wait for a lock are answered with 503, and work when it is free', async () => {
  const id = await submit(service);
  const other = new pg.Client({ connectionString: service.databaseUrl });
  await other.connect();
  try {
    await other.query('BEGIN');
    await other.query('LOCK TABLE jobs');
    const requests = [
      service.agent.post('/v1/jobs').send({ architecture: 'lenet' }),
      service.agent.post(`/v1/jobs/${id}/cancel`),
      service.agent.get(`/v1/jobs/${id}`),
    ];
    for (const answer of await Promise.all(requests)) {
      expect(answer.body).toMatchObject({ status: 503, code: 'unavailable' });
      expect(answer.headers).toHaveProperty('retry-after');
    }
  } finally {
    await other.end();
  }
  await submit(service);
  await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
});
