import { type PostgresServer, type StandbyServer, startPostgres, startStandby } from '@trainyard/test-kit';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';

const started: PostgresServer[] = [];

afterEach(async () => {
  for (const server of started.splice(0).reverse()) await server.stop();
});

async function run<T>(server: PostgresServer, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text, rowMode: 'array' })).rows.flat() as T[];
  } finally {
    await client.end();
  }
}

async function standbyOf(primary: PostgresServer): Promise<StandbyServer> {
  const standby = await startStandby(primary);
  started.push(standby);
  return standby;
}

test('a standby is promoted without what it had not received, and has a standby of its own then', async () => {
  const primary = await startPostgres({ commits: 'written' });
  started.push(primary);
  await run(primary, 'CREATE TABLE kept (id int)');
  const standby = await standbyOf(primary);
  await run(primary, 'INSERT INTO kept VALUES (1)');
  await standby.catchUp();
  expect(await run(standby, 'SELECT id FROM kept')).toEqual([1]);

  standby.replication.blackHole = true;
  await run(primary, 'INSERT INTO kept VALUES (2)');
  await primary.kill();
  await standby.promote();
  await run(standby, 'INSERT INTO kept VALUES (3)');
  expect(await run(standby, 'SELECT id FROM kept ORDER BY id')).toEqual([1, 3]);

  const next = await standbyOf(standby);
  await next.catchUp();
  expect(await run(next, 'SELECT id FROM kept ORDER BY id')).toEqual([1, 3]);
  await standby.interrupt('immediate');
  await standby.restart();
  expect(await run(standby, 'SELECT pg_is_in_recovery()')).toEqual([false]);
});
