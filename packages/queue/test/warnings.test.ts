import { openQueue } from '@trainyard/queue';
import { createTestDatabase, startRedis } from '@trainyard/test-kit';
import { expect, onTestFinished, test } from 'vitest';

const warningsOf = async (flags: string[]) => {
  const server = await startRedis({ flags });
  onTestFinished(() => server.stop());
  const queue = await openQueue({ redisUrl: server.url, databaseUrl: null, onError: () => {} });
  const warnings = queue.warnings;
  await queue.close();
  return warnings;
};

test('a Redis that evicts or does not append causes a warning that names the setting', async () => {
  const warnings = await warningsOf(['--maxmemory-policy', 'allkeys-lru', '--appendonly', 'no']);
  expect(warnings).toEqual([expect.stringContaining('noeviction'), expect.stringContaining('appendonly yes')]);
});

test('a Redis with safe settings causes no warning, nor does Postgres', async () => {
  expect(await warningsOf(['--appendonly', 'yes'])).toEqual([]);
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const queue = await openQueue({ redisUrl: null, databaseUrl: database.url });
  expect(queue.warnings).toEqual([]);
  await queue.close();
});
