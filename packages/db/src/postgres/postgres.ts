import { PrismaPg } from '@prisma/adapter-pg';
import { parsePostgresUrl } from '@trainyard/process';
import pg from 'pg';
import type { z } from 'zod';
import { type Prisma, PrismaClient } from './generated/client.js';
import { parseRows } from './parseRow.js';
import { poolClient, type QueryObserver } from './poolClient.js';
import { sessionOf } from './session.js';
import { Snapshots } from './snapshots.js';
import type { Sql } from './sql.js';

/*
 * The two doors to Postgres
 *
 * `prisma` (Prisma's client) is for a plain read or write of one table, with its relations, that no hot path runs: it
 * needs no SQL, and its rows are typed by prisma/schema.prisma. A JSON column that it reads is still parsed by the
 * column's schema before anybody uses it.
 *
 * `query` and `execute` send one SQL statement. They are for
 *   - statements that Prisma's language cannot express: an UPDATE that is conditional and returns the row, several
 *     writes in one statement, FOR UPDATE, SKIP LOCKED, aggregates, sets of parameters;
 *   - statements that requests, heartbeats or live streams run all the time: Prisma's engine costs several times
 *     what such a statement costs (docs/benchmarks.md).
 * `query` parses each row by a zod schema, so its type is checked and not asserted.
 *
 * There is no third door: other folders import neither `pg` nor Prisma (they import its generated types). Migrations,
 * notifications and advisory locks use a connection of their own, because they depend on a session.
 */

/** The pool, or a transaction; the two doors to it. */
export interface Connection {
  readonly prisma: Prisma.TransactionClient;
  /**
   * Outside of a transaction, a statement that begins with `-- name: x` is parsed and planned once per connection,
   * which makes the short ones that every request needs a third faster. Name only statements whose text and best plan
   * are always the same.
   *
   * @param row of the result. Times arrive as Date, JSON parsed, and `bigint` as text or bigint: use
   *   `z.coerce.number()`.
   * @returns the parsed rows.
   * @throws Error if a row does not fit the schema.
   */
  query<Row extends z.ZodType>(row: Row, statement: Sql): Promise<z.output<Row>[]>;
  /** @returns the number of rows that the statement inserted, updated or deleted. */
  execute(statement: Sql): Promise<number>;
}

export type PostgresOptions = {
  /** Maximum number of connections. */
  poolSize?: number;
  /** Called with the seconds that each statement took. */
  onQuery?: QueryObserver;
  /** Seconds that a statement may take, on the server and until its answer is here; 30 by default. */
  statementSeconds?: number;
};

/** Milliseconds: how long a transaction may wait for a connection, and how long it may last. */
const transactionOptions = { maxWait: 15_000, timeout: 30_000 };

/** Seconds more than on the server, for the way there and back. */
const networkSeconds = 2;

/** Not the method of `poolClient`, which would time the settings of a session as a statement of the service. */
const plainQuery: (this: pg.ClientBase, statement: string) => Promise<unknown> = pg.Client.prototype.query;

const statementNameGenerator = ({ sql }: { sql: string }): string => /^\s*-- name: (\w+)\n/.exec(sql)?.[1] ?? '';

export class Postgres implements Connection {
  readonly pool: pg.Pool;
  /** For exports. */
  readonly snapshots: Snapshots;
  readonly #client: PrismaClient;

  /** The schema of the tables. */
  readonly schema: string;

  /** @param url as `openPostgres` resolves it; nothing is connected yet. */
  constructor(url: string, { poolSize = 10, onQuery = () => {}, statementSeconds = 30 }: PostgresOptions = {}) {
    const { config, statement } = sessionOf(url, { statementSeconds });
    this.schema = parsePostgresUrl(url).schema ?? 'public';
    this.pool = new pg.Pool({
      // Milliseconds to wait for a connection; without it, a call waits for as long as the server is away.
      connectionTimeoutMillis: 10_000,
      application_name: 'trainyard',
      ...config,
      Client: poolClient(onQuery),
      max: poolSize,
      // Milliseconds to wait for an answer, in case the network has lost the connection.
      query_timeout: (statementSeconds + networkSeconds) * 1000,
      onConnect: async (client) => {
        await plainQuery.call(client, statement);
      },
    });
    // The pool replaces an idle connection that breaks; without a listener its error event would crash the process.
    this.pool.on('error', () => {});
    this.snapshots = new Snapshots(this.pool, Math.max(1, Math.floor(poolSize / 3)));
    this.#client = new PrismaClient({
      adapter: new PrismaPg(this.pool, { schema: this.schema, statementNameGenerator }),
      transactionOptions,
    });
  }

  get prisma(): Prisma.TransactionClient {
    return this.#client;
  }

  async query<Row extends z.ZodType>(row: Row, { text, values }: Sql): Promise<z.output<Row>[]> {
    const name = statementNameGenerator({ sql: text });
    const { rows } = await this.pool.query({ ...(name ? { name } : {}), text, values });
    return parseRows(row, rows);
  }

  async execute({ text, values }: Sql): Promise<number> {
    return (await this.pool.query({ text, values })).rowCount ?? 0;
  }

  /** Runs `work` in a transaction: committed when it resolves, rolled back when it throws. */
  transaction<T>(work: (tx: Connection) => Promise<T>): Promise<T> {
    return this.#client.$transaction((prisma) =>
      work({
        prisma,
        query: async (row, statement) => parseRows(row, await prisma.$queryRaw<unknown[]>(statement)),
        execute: (statement) => prisma.$executeRaw(statement),
      }),
    );
  }

  async close(): Promise<void> {
    await this.#client.$disconnect();
    await this.pool.end();
  }
}

export { parseRow } from './parseRow.js';
