import { isUnavailable, refusalOf } from '@trainyard/db';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Postgres } from '../../src/postgres/postgres.js';
import { sql } from '../../src/postgres/sql.js';
import { useDatabase } from '../fixtures.js';

const suite = useDatabase();

const raise = (code: string) => `DO $$ BEGIN RAISE 'raised' USING ERRCODE = '${code}'; END $$`;

/** The error of a statement that fails with the SQLSTATE, through each way to the database. */
async function errorsOf(code: string): Promise<unknown[]> {
  const postgres = new Postgres(suite.url);
  const statement = sql([raise(code)]);
  try {
    await postgres.execute(
      sql([
        `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE 'raised' USING ERRCODE = '${code}'; END $$`,
      ]),
    );
    await postgres.execute(sql`CREATE OR REPLACE TRIGGER refuse BEFORE DELETE ON workers EXECUTE FUNCTION refuse()`);
    const calls = [
      () => postgres.query(z.object({}), statement),
      () => postgres.transaction((tx) => tx.execute(statement)),
      () => postgres.transaction((tx) => tx.query(z.object({}), statement)),
      () => postgres.prisma.worker.deleteMany(),
    ];
    return await Promise.all(
      calls.map((call) =>
        call().then(
          () => 'no error',
          (error: unknown) => error,
        ),
      ),
    );
  } finally {
    await postgres.close();
  }
}

describe('an error of the database', () => {
  it.each([
    ['25006', 'read-only'],
    ['25P03', 'a transaction that was idle for too long'],
    ['40001', 'a serialization failure'],
    ['40P01', 'a deadlock'],
    ['53100', 'a full disk'],
    ['53200', 'no memory'],
    ['53300', 'no connection left'],
    ['55P03', 'a lock that was not released in time'],
    ['57014', 'a statement that took too long'],
    ['57P01', 'a shutdown'],
    ['57P03', 'a server that starts'],
    ['57P05', 'a session that was idle for too long'],
    ['58030', 'a disk error'],
  ])('%s (%s) means that it is unavailable for now', async (code) => {
    expect((await errorsOf(code)).map(isUnavailable)).toEqual([true, true, true, true]);
  });

  it.each(['23503', '23505', '23514', '22001', '42P01', '42501'])('%s is no such error', async (code) => {
    const errors = await errorsOf(code);
    expect(errors.map(isUnavailable)).toEqual([false, false, false, false]);
    expect(errors.map(refusalOf)).toEqual(Array(4).fill(`raised (SQLSTATE ${code})`));
  });
});

it('a standby and a server that an operator has set read-only are unavailable for writes', async () => {
  const url = new URL(suite.url);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  const postgres = new Postgres(url.href);
  try {
    const error = await postgres.execute(sql`DELETE FROM workers`).catch((error: unknown) => error);
    expect(isUnavailable(error)).toBe(true);
  } finally {
    await postgres.close();
  }
});

it.each(['ECONNREFUSED', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOTFOUND'])('%s of the network is unavailable too', (code) => {
  const cause = { kind: 'postgres', code };
  expect(isUnavailable(Object.assign(new Error('connect'), { code }))).toBe(true);
  expect(isUnavailable(Object.assign(new Error('raw query failed'), { meta: { driverAdapterError: { cause } } }))).toBe(
    true,
  );
});
