import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '@trainyard/db';
import { startProxy } from '@trainyard/test-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { Postgres } from '../../src/postgres/postgres.js';
import { sql } from '../../src/postgres/sql.js';
import { lockRow, runningJob, useDatabase } from '../fixtures.js';

const suite = useDatabase();

function open(url: string, statementSeconds: number, poolSize = 10): Postgres {
  const postgres = new Postgres(url, { statementSeconds, poolSize });
  onTestFinished(() => postgres.close());
  return postgres;
}

const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => 'no error',
    (error: unknown) => error,
  );

describe('no call waits without limit', () => {
  it('for a statement that takes too long', async () => {
    const postgres = open(suite.url, 1);
    const sleeping = sql`SELECT pg_sleep(60)`;
    const calls = [postgres.execute(sleeping), postgres.transaction((tx) => tx.execute(sleeping))];
    for (const error of await Promise.all(calls.map(errorOf))) expect(isUnavailable(error)).toBe(true);
  });

  it('for a row that another session has locked', async () => {
    const { jobId, token } = await runningJob(suite.db);
    const lock = await lockRow(suite.url, jobId);
    const calls = [suite.db.jobs.cancel(jobId), suite.db.attempts.heartbeat(token)];
    for (const error of await Promise.all(calls.map(errorOf))) expect(isUnavailable(error)).toBe(true);
    await lock.release();
    await suite.db.jobs.cancel(jobId);
  });

  it('for a client that is silent in a transaction', async () => {
    const postgres = open(suite.url, 30);
    const work = postgres.transaction(async (tx) => {
      await tx.query(z.object({}), sql`SELECT FROM jobs FOR UPDATE`);
      await sleep(16_000);
      await tx.execute(sql`SELECT 1`);
    });
    expect(isUnavailable(await errorOf(work))).toBe(true);
  });
});

it('after a network has lost all connections, calls fail in time, and later ones get new connections', async () => {
  const proxy = await startProxy(Number(new URL(suite.url).port));
  onTestFinished(() => proxy.close());
  const postgres = open(proxy.through(suite.url), 1, 2);
  const call = (text: string) => postgres.execute(sql([text]));
  await Promise.all([call('SELECT pg_sleep(0.1)'), call('SELECT pg_sleep(0.1)')]);
  const inTransaction = postgres.transaction(async (tx) => {
    await tx.execute(sql`SELECT 1`);
    proxy.loseConnections();
    await tx.execute(sql`SELECT 2`);
  });
  const errors = [await errorOf(inTransaction), await errorOf(call('SELECT 3'))];
  for (const error of errors) expect(isUnavailable(error)).toBe(true);
  expect(await call('SELECT 4')).toBe(1);
  expect(await postgres.transaction((tx) => tx.execute(sql`SELECT 5`))).toBe(1);
});
