import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { Postgres } from '../../src/postgres/postgres.js';
import type { Snapshot } from '../../src/postgres/snapshots.js';
import { sql } from '../../src/postgres/sql.js';
import { useDatabase } from '../fixtures.js';

const suite = useDatabase();
let postgres: Postgres;
beforeAll(async () => {
  postgres = new Postgres(suite.url, { poolSize: 6 });
  await postgres.execute(sql`CREATE TABLE numbers AS SELECT generate_series(1, 10) AS n`);
});
afterAll(() => postgres.close());

const numbers = sql`SELECT n, 'a' FROM numbers WHERE n > ${2}::int ORDER BY n`;
const batches = (snapshot: Snapshot) => snapshot.batches(numbers, 4);
const never = new AbortController().signal;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

it('reads the rows of a statement so many at a time, as they were when the first statement began', async () => {
  const sums = postgres.snapshots.read(never, async function* (snapshot) {
    const sum = () => snapshot.query(z.object({ sum: z.string() }), sql`SELECT sum(n) FROM numbers`);
    yield await sum();
    yield* batches(snapshot);
    yield await sum();
  });
  expect((await sums.next()).value).toEqual([{ sum: '55' }]);
  await postgres.execute(sql`UPDATE numbers SET n = n + 100`);
  const rows = (...values: number[]) => values.map((n) => [n, 'a']);
  expect(await all(sums)).toEqual([rows(3, 4, 5, 6), rows(7, 8, 9, 10), [{ sum: '55' }]]);
  await postgres.execute(sql`UPDATE numbers SET n = n - 100`);
});

it('when its signal aborts, Postgres ends the statement, and its connection is closed', async () => {
  const before = postgres.pool.totalCount;
  const end = new AbortController();
  const sleep = postgres.snapshots.read(end.signal, (snapshot) => snapshot.batches(sql`SELECT pg_sleep(60)`, 1));
  const ended = expect(sleep.next()).rejects.toThrow('canceling statement');
  const isRunning = sql`SELECT FROM pg_stat_activity WHERE query LIKE 'FETCH%' AND state = 'active'`;
  while ((await postgres.execute(isRunning)) === 0);
  end.abort();
  await ended;
  expect(postgres.pool.totalCount).toBeLessThanOrEqual(Math.max(before, 1));
  await expect(postgres.snapshots.read(end.signal, batches).next()).rejects.toThrow('abort');
});

it('more than a third of the connections are refused to exports, until one of them has ended or was left', async () => {
  const first = postgres.snapshots.read(never, batches);
  const second = postgres.snapshots.read(never, batches);
  await Promise.all([first.next(), second.next()]);
  await expect(postgres.snapshots.read(never, batches).next()).rejects.toThrow('2 exports run already');
  await first.return(undefined);
  expect(await all(postgres.snapshots.read(never, batches))).toHaveLength(2);
  await second.return(undefined);
});
