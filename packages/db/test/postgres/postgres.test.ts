import { expect, test } from 'vitest';
import { z } from 'zod';
import { Postgres } from '../../src/postgres/postgres.js';
import { json, sql } from '../../src/postgres/sql.js';
import { useDatabase } from '../fixtures.js';

const suite = useDatabase();

const row = z.object({
  count: z.coerce.number(),
  at: z.date(),
  tags: z.array(z.string()),
  data: z.object({ a: z.int() }),
});
const statement = (a: unknown) => sql`-- name: all_types
  SELECT ${7}::bigint AS count, ${new Date(5)}::timestamptz AS at, ${['x', 'y']}::text[] AS tags,
         ${json({ a })} AS data`;

test('rows are parsed by their schema, in a transaction and outside of one', async () => {
  const postgres = new Postgres(suite.url);
  try {
    const expected = [{ count: 7, at: new Date(5), tags: ['x', 'y'], data: { a: 1 } }];
    expect(await postgres.query(row, statement(1))).toEqual(expected);
    expect(await postgres.transaction((tx) => tx.query(row, statement(1)))).toEqual(expected);
    const misfit = 'a row of the database does not fit its schema';
    await expect(postgres.query(row, statement('one'))).rejects.toThrow(misfit);
    await expect(postgres.transaction((tx) => tx.query(row, statement('one')))).rejects.toThrow(misfit);
  } finally {
    await postgres.close();
  }
});

test('a statement returns how many rows it wrote, and a transaction that throws writes none', async () => {
  const postgres = new Postgres(suite.url);
  const insert = sql`INSERT INTO deletions (job_id) SELECT unnest(${['a', 'b']}::text[])`;
  try {
    const failed = postgres.transaction(async (tx) => {
      expect(await tx.execute(insert)).toBe(2);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await suite.db.deletions.list(10)).toEqual([]);
    expect(await postgres.execute(insert)).toBe(2);
    expect(await suite.db.deletions.list(10)).toEqual(['a', 'b']);
  } finally {
    await postgres.close();
  }
});
