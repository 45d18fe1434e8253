import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { postgresUrl } from './shared.js';

export type TestDatabase = {
  url: string;
  /** @throws when a connection is still open, so that a suite that leaks one fails. */
  drop(): Promise<void>;
};

const closingGraceMs = 2000;

/**
 * Creates a database in the Postgres server that all tests of a run share: with `migrate` a clone of a template, which
 * is migrated once a run; without it an empty database.
 *
 * @param migrate migrates the empty database at `url`, and closes its connections.
 */
export async function createTestDatabase(migrate?: (url: string) => Promise<unknown>): Promise<TestDatabase> {
  const server = await postgresUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(server, async (admin) => {
    // Postgres refuses to clone a template while another session uses it, so test files take turns; it is quick.
    await admin.query(`SELECT pg_advisory_lock(hashtext('trainyard test template'))`);
    if (migrate) await createTemplate(admin, server, migrate);
    await admin.query(`CREATE DATABASE ${name} ${migrate ? 'TEMPLATE migrated' : ''}`);
  });
  return { url: withDatabase(server, name), drop: () => administer(server, (admin) => drop(admin, name)) };
}

async function createTemplate(admin: pg.Client, server: string, migrate: (url: string) => Promise<unknown>) {
  const { rowCount } = await admin.query(`SELECT FROM pg_database WHERE datname = 'migrated'`);
  if (rowCount) return;
  await admin.query('DROP DATABASE IF EXISTS migrating');
  await admin.query('CREATE DATABASE migrating');
  await migrate(withDatabase(server, 'migrating'));
  await requireNoConnections(admin, 'migrating');
  await admin.query('ALTER DATABASE migrating RENAME TO migrated');
}

async function drop(admin: pg.Client, name: string): Promise<void> {
  try {
    await requireNoConnections(admin, name);
  } finally {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
}

async function requireNoConnections(admin: pg.Client, name: string): Promise<void> {
  const deadline = Date.now() + closingGraceMs;
  for (;;) {
    const { rows } = await admin.query<{ application_name: string; query: string }>(
      `SELECT application_name, query FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'`,
      [name],
    );
    if (rows.length === 0) return;
    if (Date.now() > deadline) {
      const last = rows.map((row) => `  ${row.application_name}: ${row.query.slice(0, 200)}`).join('\n');
      throw new Error(`${rows.length} connection(s) to the database were left open; their last queries:\n${last}`);
    }
    await sleep(20);
  }
}

async function administer(server: string, work: (admin: pg.Client) => Promise<void>): Promise<void> {
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
