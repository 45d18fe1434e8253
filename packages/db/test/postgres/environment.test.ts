import { createTestDatabase, type TestDatabase } from '@trainyard/test-kit';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { openDatabase } from '../../src/index.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => database?.drop());

async function open(url: string): Promise<void> {
  const db = await openDatabase(url);
  await db.ping().finally(() => db.close());
}

it('variables of libpq do not change what the URL says', async () => {
  // The server has no TLS.
  for (const [name, value] of Object.entries({
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: '/nonexistent/ca.pem',
    PGHOST: 'elsewhere.invalid',
    PGPORT: '1',
    PGUSER: 'stranger',
    PGPASSWORD: 'wrong',
    PGDATABASE: 'none',
    PGOPTIONS: '-c timezone=Asia/Kolkata -c statement_timeout=1',
  })) {
    vi.stubEnv(name, value);
  }
  await open(`${database.url}?options=-cwork_mem%3D8MB`);
});

it('variables of libpq fill in what the URL leaves out', async () => {
  const { username, password, host, pathname } = new URL(database.url);
  vi.stubEnv('PGPASSWORD', 'wrong');
  await expect(open(`postgresql://${username}@${host}${pathname}`)).rejects.toThrow(/^DATABASE_URL has a user or/);
  vi.stubEnv('PGPASSWORD', password);
  await open(`postgresql://${username}@${host}${pathname}`);
});
