import { randomBytes } from 'node:crypto';
import { SettingError } from '@trainyard/contracts';
import { openQueue } from '@trainyard/queue';
import {
  createTestDatabase,
  eventually,
  hasPgBouncer,
  postgresUrl,
  startPgBouncer,
  type TestDatabase,
} from '@trainyard/test-kit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { entry, startConsumer } from './backends.js';

const role = `queue_${randomBytes(6).toString('hex')}`;
let database: TestDatabase;
let name: string;
beforeAll(async () => {
  database = await createTestDatabase();
  name = new URL(database.url).pathname.slice(1);
  await admin(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
});
afterAll(async () => {
  await database?.drop();
  await admin(`DROP ROLE ${role}`);
});

async function admin(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: await postgresUrl() });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

function urlOfRole(): string {
  const url = new URL(database.url);
  url.username = role;
  url.password = 'secret';
  return url.href;
}

it('a role that may create no schema is refused with the grant that it needs', async () => {
  const opening = openQueue({ redisUrl: null, databaseUrl: urlOfRole() });
  await expect(opening).rejects.toBeInstanceOf(SettingError);
  await expect(opening).rejects.toThrow(
    `as the database's owner: GRANT CREATE ON DATABASE "${name}" TO "${role}", or set REDIS_URL`,
  );
});

it('waits for a free connection, and says so', async () => {
  await admin(`GRANT CREATE ON DATABASE ${name} TO ${role}`);
  await admin(`ALTER ROLE ${role} CONNECTION LIMIT 0`);
  const errors: string[] = [];
  const opening = openQueue({
    redisUrl: null,
    databaseUrl: urlOfRole(),
    onError: ({ message }) => void errors.push(message),
  });
  await eventually('a wait', () => errors.length > 0);
  await admin(`ALTER ROLE ${role} CONNECTION LIMIT 20`);
  await (await opening).close();
  expect(errors[0]).toBe(`DATABASE_URL leaves no connection for the queue: too many connections for role "${role}"`);
});

describe.skipIf(!hasPgBouncer)('PgBouncer in session mode (skipped where the program pgbouncer is missing)', () => {
  async function open(settings: string[]) {
    const bouncer = await startPgBouncer(database.url, 'session', settings);
    onTestFinished(bouncer.stop);
    return openQueue({ redisUrl: null, databaseUrl: bouncer.url, onError: () => {} });
  }

  it('is refused with the setting that it needs', async () => {
    await expect(open([])).rejects.toThrow(/^DATABASE_URL leads to a pooler .* ignore_startup_parameters = options/);
  });

  it('works with that setting', async () => {
    const queue = await open(['ignore_startup_parameters = options']);
    onTestFinished(() => queue.close());
    const handled = startConsumer(queue);
    await queue.add(entry('job_1'));
    await eventually('the first', () => handled.length === 1);
    await queue.add(entry('job_2'));
    await eventually('the second', () => handled.length === 2);
  });
});
