import { connect } from 'node:net';
import { createTestDatabase, redisUrl } from '@trainyard/test-kit';
import pg from 'pg';
import { expect, test } from 'vitest';

const migrate = async (url: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS kept (id int)');
  await client.end();
};

test('databases made at once are apart and can be used and dropped', async () => {
  const databases = await Promise.all([createTestDatabase(), createTestDatabase(), createTestDatabase()]);
  expect(new Set(databases.map((database) => database.url)).size).toBe(3);
  for (const database of databases) await migrate(database.url);
  await Promise.all(databases.map((database) => database.drop()));
});

test('a connection left open fails the drop', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  client.on('error', () => {});
  await client.connect();
  await expect(database.drop()).rejects.toThrow('1 connection(s) to the database were left open');
  await client.end();
});

test('every caller gets its own Redis database', async () => {
  const urls = await Promise.all([redisUrl(), redisUrl()]);
  expect(new Set(urls).size).toBe(2);
  const { hostname, port } = new URL(urls[0] as string);
  const socket = connect(Number(port), hostname);
  socket.write('PING\r\n');
  const answer = await new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())));
  socket.destroy();
  expect(answer).toBe('+PONG\r\n');
});
