import { createTestDatabase, hasPgBouncer, startPgBouncer, type TestDatabase } from '@trainyard/test-kit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../src/index.js';
import { openPostgres } from '../../src/postgres/openPostgres.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(async (url) => (await openDatabase(url)).close());
});
afterAll(() => database.drop());

async function usePgBouncer(mode: 'session' | 'transaction'): Promise<string> {
  const { url, stop } = await startPgBouncer(database.url, mode);
  onTestFinished(stop);
  return url;
}

describe.skipIf(!hasPgBouncer)('PgBouncer (skipped where the program pgbouncer is missing)', () => {
  it('in transaction mode is refused at once, in one sentence, and leaves no lock', async () => {
    const url = await usePgBouncer('transaction');
    const refused = /^DATABASE_URL leads to a connection pooler in transaction mode, .* in session mode$/;
    await expect(openPostgres(url)).rejects.toThrow(refused);
    // With many sessions of the pool in use, and idle ones beside them.
    await Promise.all(Array.from({ length: 5 }, () => expect(openDatabase(url)).rejects.toThrow(refused)));
    // Clients that look at the same moment must not give each other their own sessions back.
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 5 }, () => expect(openPostgres(url)).rejects.toThrow(refused)));
    }
    await expect(openPostgres(`${url}?options=-cwork_mem%3D8MB`)).rejects.toThrow('leave options out of the URL');
  });

  it('in session mode works, with no setting of its own', async () => {
    const db = await openDatabase(await usePgBouncer('session'), { poolSize: 3 });
    const heard: (string | null)[] = [];
    await db.listen('job_events', (payload) => heard.push(payload));
    await Promise.all(Array.from({ length: 20 }, () => db.ping()));
    expect(await db.withAdvisoryLock('sweeper', async () => {})).toBe(true);
    await db.keys.create({ name: 'first', role: 'admin', project: 'default' });
    await db.close();
  });
});
