import pg from 'pg';
import { expect, test } from 'vitest';
import { useDatabase } from '../fixtures.js';

const suite = useDatabase();

test('a connection that breaks while its holder works on something else is told at its end, and ends nothing else', async () => {
  const held = suite.db.exclusively('test', async () => {
    const admin = new pg.Client({ connectionString: suite.url });
    await admin.connect();
    await admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    await admin.end();
    // Time for the news to arrive while nobody asks that connection anything.
    await new Promise((resolve) => setTimeout(resolve, 200));
  });
  await expect(held).rejects.toThrow();
  expect(await suite.db.exclusively('test', async () => {})).toBe(true);
});
