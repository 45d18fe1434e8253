import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { TrainyardError } from '@trainyard/contracts';
import type { Logger } from '@trainyard/process';
import pg from 'pg';
import { sessionOf } from './session.js';

type Migration = { name: string; checksum: string; sql: string };

/** The database's tables do not match this version's migrations; the message names the migration. */
export class MigrationError extends TrainyardError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, [], options);
  }
}

/** Of the package's folder; the relative path from `src/postgres/` and `dist/postgres/` is the same. */
const inPackage = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

/** A packed installation has the migrations in this package, a checkout in its `prisma/migrations`. */
export const defaultMigrationsFolder = existsSync(inPackage('migrations'))
  ? inPackage('migrations')
  : inPackage('../../prisma/migrations');

/** An arbitrary number. Processes that start at the same time lock it, so that only one migrates. */
const advisoryLock = 7_246_001;

/** A migration may rewrite a large table. */
const limits = { statementSeconds: 3600, lockSeconds: 60 };
/** Seconds to wait for another process that migrates. */
const lockSeconds = 600;

/**
 * Applies the migrations that the database lacks, each in a transaction.
 *
 * Not `prisma migrate deploy`, because that needs Prisma's schema engine, a binary which is downloaded when it is
 * installed or first used: a service must start without a network. This function keeps Prisma's own ledger
 * (`_prisma_migrations`, with the SHA-256 of each file), so that Prisma's tools still work on the database.
 *
 * @returns the names of the migrations that this call applied.
 * @throws MigrationError if an applied migration was changed since, or is unknown here: the database then belongs to a
 *   newer version, or a migration file was edited. Never edit a migration once a release has it.
 */
export async function migrate(url: string, folder = defaultMigrationsFolder, logger?: Logger): Promise<string[]> {
  const migrations = await readMigrations(folder);
  const { config, statement } = sessionOf(url, limits);
  const client = new pg.Client({ ...config, application_name: 'trainyard migrate' });
  // Without a listener, the error event of a connection that breaks would crash the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(statement);
    await lock(client, logger);
    await client.query(ledger);
    const { rows: applied } = await client.query<{ name: string; checksum: string }>(
      `SELECT migration_name AS name, checksum FROM _prisma_migrations
       WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    );
    check(applied, migrations);
    const missing = migrations.filter(({ name }) => !applied.some((row) => row.name === name));
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    // Closing the session releases the lock.
    await client.end();
  }
}

/** Waits for another process that migrates, and says so. */
async function lock(client: pg.Client, logger: Logger | undefined): Promise<void> {
  const begin = performance.now();
  for (let tries = 0; ; tries++) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
      advisoryLock,
    ]);
    if (rows[0]?.locked) return;
    if (tries === 10) logger?.warn({}, 'waiting for another process that migrates the database');
    if (performance.now() - begin > lockSeconds * 1000) break;
    await sleep(200);
  }
  const { rows } = await client.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND granted`,
    [advisoryLock],
  );
  const pid = rows[0]?.pid ?? 'unknown';
  throw new MigrationError(
    `process ${pid} of Postgres has held the lock for migrations for ${lockSeconds} s; if no other process of ` +
      `Trainyard migrates, end it: SELECT pg_terminate_backend(${pid})`,
  );
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'));
      return { name, checksum: createHash('sha256').update(sql).digest('hex'), sql: sql.toString() };
    }),
  );
}

function check(applied: { name: string; checksum: string }[], migrations: Migration[]): void {
  for (const { name, checksum } of applied) {
    const known = migrations.find((migration) => migration.name === name);
    if (!known) throw new MigrationError(`the database has the migration ${name}, which this version does not know`);
    if (known.checksum !== checksum) throw new MigrationError(`the migration ${name} was changed after it was applied`);
  }
}

async function apply(client: pg.Client, { name, checksum, sql }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new MigrationError(`the migration ${name} failed: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

/** The same table as Prisma creates. */
const ledger = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;
