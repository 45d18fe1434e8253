import pg from 'pg';
import { expect, test } from 'vitest';
import { useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('a connection that breaks during the work is reported at its end, and does not crash the process', async () => {
  const locked = suite.db.database.withAdvisoryLock('test', async () => {
    const admin = new pg.Client({ connectionString: suite.url });
    await admin.connect();
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await admin.end();
    // Time for the error to arrive while that connection is idle.
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  await expect(locked).rejects.toThrow();
  expect(await suite.db.database.withAdvisoryLock('test', async () => {})).toBe(true);
});
