import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Service, startService } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

it('/readyz names the artifact store when it cannot be written', async () => {
  const { artifacts } = service.options;
  const check = artifacts.check;
  artifacts.check = () => Promise.reject(new Error('read-only file system'));
  try {
    const { body } = await service.anonymous.get('/readyz').expect(503);
    expect(body.checks).toMatchObject({ database: { ok: true }, queue: { ok: true }, artifacts: { ok: false } });
  } finally {
    artifacts.check = check;
  }
});
