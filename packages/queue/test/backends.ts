import { type JobQueue, openQueue, type QueueConnection } from '@trainyard/queue';
import { createTestDatabase, type RedisServer, startRedis, type TestDatabase } from '@trainyard/test-kit';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';

export type Suite = {
  /** A queue that no other test sees; closed when the test is done. */
  open(options?: Partial<QueueConnection>): Promise<Awaited<ReturnType<typeof openQueue>>>;
  connection(): Pick<QueueConnection, 'redisUrl' | 'databaseUrl'>;
  /** Loses every entry, as a restart without persistence does. */
  flush(): Promise<void>;
};

let queues = 0;

/** Runs the same tests on a Redis and on a Postgres that only they use. */
export function onEachBackend(tests: (suite: Suite, backend: 'redis' | 'postgres') => void): void {
  describe('on Redis', () => {
    let server: RedisServer;
    beforeAll(async () => {
      server = await startRedis();
    });
    afterAll(() => server?.stop());
    const connection = () => ({ redisUrl: server.url, databaseUrl: null });
    tests({ open: open(connection), connection, flush: () => command(server.url, 'FLUSHALL') }, 'redis');
  });
  describe('on Postgres', () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createTestDatabase();
    });
    afterAll(() => database?.drop());
    const connection = () => ({ redisUrl: null, databaseUrl: database.url });
    const flush = () => statement(database.url, 'TRUNCATE bullmq.job CASCADE');
    tests({ open: open(connection), connection, flush }, 'postgres');
  });
}

const open =
  (connection: Suite['connection']) =>
  async (options: Partial<QueueConnection> = {}) => {
    const queue = await openQueue({
      ...connection(),
      name: `test-${process.pid}-${queues++}`,
      onError: () => {},
      ...options,
    });
    onTestFinished(() => queue.close());
    return queue;
  };

/** Takes one delivery at a time and is busy with it until `finish`; closed when the test is done. */
export function consumeBusily(queue: JobQueue) {
  const began: string[] = [];
  let finish = () => {};
  const consumer = queue.consume(
    ({ jobId }) => {
      began.push(jobId);
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
    { concurrency: 1 },
  );
  onTestFinished(async () => {
    finish();
    await consumer.close();
  });
  return { consumer, began, finish: () => finish() };
}

async function command(url: string, text: string): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(url);
  await client.call(text);
  await client.quit();
}

async function statement(url: string, sql: string): Promise<void> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** The first attempt of a job. */
export const entry = (jobId: string) => [{ jobId, attempt: 1, priority: 0 }];

/** Ids of the jobs that a consumer has handled; it is closed when the test is done. */
export function startConsumer(queue: JobQueue): string[] {
  const handled: string[] = [];
  const consumer = queue.consume(async ({ jobId }) => void handled.push(jobId), { concurrency: 1 });
  onTestFinished(() => consumer.close());
  return handled;
}

export const succeeds = (work: () => Promise<unknown>): Promise<boolean> =>
  work().then(
    () => true,
    () => false,
  );
