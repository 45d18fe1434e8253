import { TrainyardError } from '@trainyard/contracts';
import type pg from 'pg';
import type { z } from 'zod';
import { parseRows } from './parseRow.js';
import type { Sql } from './sql.js';

/** Statements that all see the database as it was when the first of them began. */
export interface Snapshot {
  /** As `Connection.query`. */
  query<Row extends z.ZodType>(row: Row, statement: Sql): Promise<z.output<Row>[]>;
  /** The rows of a statement as arrays of their columns, so many at a time. */
  batches(statement: Sql, size: number): AsyncGenerator<unknown[][]>;
}

/**
 * The whole result will be read, so its plan must not be one that is fast for the first rows alone. A client that reads
 * slowly lets the transaction wait; the server of the API disconnects one that does not read at all.
 */
const settings = `SET LOCAL cursor_tuple_fraction = 1; SET LOCAL idle_in_transaction_session_timeout = '3min'`;

/** Reads that last longer than a request should: each holds a connection, and keeps Postgres from removing old rows. */
export class Snapshots {
  #open = 0;

  /** @param most at the same time */
  constructor(
    private readonly pool: pg.Pool,
    private readonly most: number,
  ) {}

  /**
   * Yields what `read` does. When the signal aborts, Postgres ends the statement that runs.
   *
   * @throws TrainyardError `unavailable` when too many read already
   */
  async *read<T>(signal: AbortSignal, read: (snapshot: Snapshot) => AsyncGenerator<T>): AsyncGenerator<T> {
    if (this.#open >= this.most) {
      throw new TrainyardError('unavailable', `${this.#open} exports run already; try again when one has ended`);
    }
    this.#open += 1;
    try {
      yield* this.#read(signal, read);
    } finally {
      this.#open -= 1;
    }
  }

  async *#read<T>(signal: AbortSignal, read: (snapshot: Snapshot) => AsyncGenerator<T>): AsyncGenerator<T> {
    const client = await this.pool.connect();
    let isDone = false;
    // Without a listener, the error event of an idle connection would crash the process.
    const ignore = () => {};
    client.on('error', ignore);
    const cancel = () => {
      const { processID } = client as unknown as { processID: number };
      this.pool.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => {});
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      signal.throwIfAborted();
      await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${settings}`);
      yield* read(snapshotOf(client));
      await client.query('COMMIT');
      isDone = true;
    } finally {
      signal.removeEventListener('abort', cancel);
      client.off('error', ignore);
      // A session that is cancelled may never serve another statement.
      client.release(!isDone || signal.aborted);
    }
  }
}

const snapshotOf = (client: pg.ClientBase): Snapshot => ({
  query: async (row, { text, values }) => parseRows(row, (await client.query({ text, values })).rows),
  async *batches({ text, values }, size) {
    await client.query({ text: `DECLARE batches NO SCROLL CURSOR FOR ${text}`, values });
    for (;;) {
      const { rows } = await client.query<unknown[]>({ text: `FETCH ${size} FROM batches`, rowMode: 'array' });
      if (rows.length > 0) yield rows;
      if (rows.length < size) break;
    }
    await client.query('CLOSE batches');
  },
});
