import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { Prisma, PrismaClient } from './generated/client.js';

export type Client = PrismaClient;
export type Transaction = Prisma.TransactionClient;
export const { sql, join, empty } = Prisma;
export type Sql = Prisma.Sql;

/** Milliseconds: how long a transaction may wait for a connection, and how long it may last. */
const transactionOptions = { maxWait: 15_000, timeout: 30_000 };

/**
 * A statement that begins with `-- name: x` is parsed and planned once a connection, which makes the short ones that every
 * request needs a third faster. Only for statements whose text and best plan are always the same.
 */
const statementNameGenerator = ({ sql }: { sql: string }): string => /^\s*-- name: (\w+)\n/.exec(sql)?.[1] ?? '';

/**
 * Reads the rows of a statement without Prisma, whose engine costs several times what the statement does: for those that every
 * request runs. The rows are as pg gives them: dates as Date, JSON parsed, bigint as text.
 */
export type ReadRows = <Row>(statement: Sql) => Promise<Row[]>;

export const readRows =
  (pool: pg.Pool): ReadRows =>
  async <Row>({ sql, text, values }: Sql) => {
    const name = statementNameGenerator({ sql });
    return (await pool.query({ ...(name ? { name } : {}), text, values: values as unknown[] })).rows as Row[];
  };

export const createClient = (pool: pg.Pool): Client =>
  new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator }), transactionOptions });

/** A parameter of a statement that holds any JSON value; `null` and `undefined` are SQL's NULL. */
export const json = (value: unknown): Sql =>
  sql`${value === null || value === undefined ? null : JSON.stringify(value)}::jsonb`;
