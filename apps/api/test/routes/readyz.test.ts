import { openDatabase } from '@trainyard/db';
import { eventually, startProxy } from '@trainyard/test-kit';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Service, startService } from '../support/service.js';

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** Runs `work` while the database is read-only for sessions that begin meanwhile; all that had begun are ended. */
async function whileReadOnly(work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: service.databaseUrl });
  await client.connect();
  const name = pg.escapeIdentifier(new URL(service.databaseUrl).pathname.slice(1));
  const endOthers = () =>
    client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  try {
    await client.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await endOthers();
    await work();
  } finally {
    await client.query(`SET default_transaction_read_only = off`);
    await client.query(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await endOthers();
    await client.end();
  }
}

it('a database that takes no writes is unavailable: 503 with Retry-After, and named by /readyz', async () => {
  await whileReadOnly(async () => {
    service.lines.length = 0;
    for (let i = 0; i < 5; i++) {
      const refusal = await service.agent.post('/v1/jobs').send({ architecture: 'lenet' }).expect(503);
      expect(refusal.body).toMatchObject({ code: 'unavailable' });
      expect(refusal.headers).toHaveProperty('retry-after');
    }
    // The first request may meet a connection whose end the pool has not seen: that is a kind of failure of its own.
    const inFull = service.lines.filter((line) => line.includes('"stack"') && line.includes('request failed'));
    expect(inFull.filter((line) => line.includes('read-only'))).toHaveLength(1);
    const { body } = await service.anonymous.get('/readyz').expect(503);
    expect(body.checks).toMatchObject({ database: { ok: false }, artifacts: { ok: true } });
    expect(body.checks.database.detail).toContain('DATABASE_URL leads to a database that is read-only');
  });
  await eventually('readiness', async () => (await service.anonymous.get('/readyz')).status === 200);
  await service.agent.post('/v1/jobs').send({ architecture: 'lenet' }).expect(202);
});

it('probes that wait for a check fail with it, and the failure is logged once', async () => {
  const { db } = service.options;
  const { ping } = db;
  let pings = 0;
  let fail = (_: Error) => {};
  const gone = new Promise<never>((_, reject) => {
    fail = reject;
  });
  db.ping = () => {
    pings += 1;
    return gone;
  };
  service.lines.length = 0;
  const probes = [1, 2, 3].map(() => service.anonymous.get('/readyz').then(({ status }) => status));
  await eventually('the check', () => pings > 0);
  fail(new Error('gone'));
  expect(await Promise.all(probes)).toEqual([503, 503, 503]);
  expect(service.lines.filter((line) => line.includes('readiness check failed'))).toHaveLength(1);
  db.ping = ping;
  await service.anonymous.get('/readyz').expect(200);
});

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

it('a slow network to the database does not end readiness while requests succeed', async () => {
  const proxy = await startProxy(Number(new URL(service.databaseUrl).port));
  const db = await openDatabase(proxy.through(service.databaseUrl));
  const slow = await startService({ db });
  try {
    proxy.latencyMs = 1000;
    const ready = await slow.anonymous.get('/readyz').expect(200);
    expect(ready.body.ready).toBe(true);
  } finally {
    await slow.close();
    await proxy.heal();
    await db.close();
    await proxy.close();
  }
});
