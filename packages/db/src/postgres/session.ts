import { parsePostgresUrl } from '@trainyard/process';
import pg from 'pg';

/** Seconds that a statement waits for the locks of other sessions. */
const lockSeconds = 8;
/** Seconds after which the server ends a transaction whose client is silent, and frees its locks. */
const idleTransactionSeconds = 15;

export interface SessionLimits {
  /** Of a statement, on the server. */
  statementSeconds: number;
  lockSeconds?: number;
}

/**
 * What every session of ours relies on, whatever the database, the role or the machine has as its default. They are
 * set by statements and not at the start of the connection, where poolers such as PgBouncer refuse them.
 */
const fixed = {
  // Prisma drops the offset of a time, so it must be zero.
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  default_transaction_isolation: 'read committed',
};

/** Defaults that the URL's `options` may change. */
const changeable = ({ statementSeconds, lockSeconds: wait = lockSeconds }: SessionLimits) => ({
  // For SSDs: with young statistics the planner would otherwise sort the whole queue.
  random_page_cost: '1.1',
  // A statement of milliseconds does not earn its compilation, which estimates of many rows would begin.
  jit: 'off',
  statement_timeout: `${statementSeconds}s`,
  lock_timeout: `${wait}s`,
  idle_in_transaction_session_timeout: `${idleTransactionSeconds}s`,
  // The server notices within half a minute that a client is gone.
  tcp_keepalives_idle: '10',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '4',
});

export interface Session {
  /** For `new pg.Client` and `new pg.Pool`. */
  config: pg.ClientConfig;
  /** To be sent first on every connection. */
  statement: string;
}

/** @param url as `openPostgres` resolves it: it then has a schema. */
export function sessionOf(url: string, limits: SessionLimits): Session {
  const { settings, schema } = parsePostgresUrl(url);
  const isGiven = (name: string) => settings.options?.includes(name) === true;
  const values = {
    ...fixed,
    ...Object.fromEntries(Object.entries(changeable(limits)).filter(([name]) => !isGiven(name))),
  };
  const statements = Object.entries(values).map(([name, value]) => `SET ${name} = ${pg.escapeLiteral(value)}`);
  if (schema !== null) statements.push(`SET search_path = ${pg.escapeIdentifier(schema)}`);
  return {
    config: { ...settings, keepAlive: true, keepAliveInitialDelayMillis: 10_000 },
    statement: statements.join('; '),
  };
}
