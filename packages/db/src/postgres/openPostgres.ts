import { SettingError } from '@trainyard/contracts';
import { type Logger, type PostgresUrl, parsePostgresUrl, retry, withPostgresParameters } from '@trainyard/process';
import pg from 'pg';
import { isUnavailable } from './isUnavailable.js';
import { refusePooling } from './refusePooling.js';
import { startError } from './startError.js';

const oldestVersion = 13;

export interface OpenPostgresOptions {
  /** Seconds to wait for a server that is away or has no connection left; 0, the default: not at all. */
  waitSeconds?: number;
  logger?: Logger;
}

/**
 * Finds out whether the server can be used, and how. It waits for a server that is away.
 *
 * @returns the URL with what was found: whether connections are encrypted, and the schema, which exists.
 * @throws SettingError that says in one sentence why the server cannot be used, and what to change.
 */
export async function openPostgres(url: string, options: OpenPostgresOptions = {}): Promise<string> {
  const { waitSeconds = 0, logger } = options;
  const parsed = parsePostgresUrl(url);
  let isLogged = false;
  const onRetry = (error: unknown) => {
    if (!isLogged) logger?.warn({ err: error }, `waiting for Postgres at ${parsed.server}`);
    isLogged = true;
  };
  try {
    return await retry(() => open(url, parsed), {
      firstPauseMs: 200,
      longestPauseMs: 2000,
      forMs: waitSeconds * 1000,
      isTransient: isUnavailable,
      onRetry,
    });
  } catch (error) {
    throw startError(error, parsed);
  }
}

async function open(url: string, parsed: PostgresUrl): Promise<string> {
  const isPreferred = parsed.sslMode === 'prefer' || parsed.sslMode === 'allow';
  const encrypted = isPreferred ? await whereEncrypted(url) : url;
  const { settings } = parsePostgresUrl(encrypted);
  const connect = () => connected(settings);
  const client = await connect();
  try {
    await checkServer(client);
    await refusePooling(client, connect);
    const schema = await findSchema(client, parsed.schema);
    return withPostgresParameters(encrypted, { schema });
  } finally {
    await client.end();
  }
}

async function connected(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ connectionTimeoutMillis: 10_000, ...config, application_name: 'trainyard start' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

/** For sslmode `prefer` and `allow`: the URL with `require` where the server has TLS, else with `disable`. */
async function whereEncrypted(url: string): Promise<string> {
  const encrypted = withPostgresParameters(url, { sslmode: 'require' });
  try {
    await (await connected(parsePostgresUrl(encrypted).settings)).end();
    return encrypted;
  } catch (error) {
    if (error instanceof Error && /does not support SSL/.test(error.message)) {
      return withPostgresParameters(url, { sslmode: 'disable' });
    }
    throw error;
  }
}

async function checkServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; encoding: string; standby: boolean; readOnly: string }>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
       pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS "readOnly"`,
  );
  const [server] = rows;
  if (!server) throw new Error('the server answered without a row');
  if (server.version < oldestVersion * 10_000) {
    const version = Math.floor(server.version / 10_000);
    throw refusal(`leads to PostgreSQL ${version}; version ${oldestVersion} or newer is needed`);
  }
  if (server.encoding !== 'UTF8') {
    const remedy = "create one with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0";
    throw refusal(`leads to a database with the encoding ${server.encoding}, and UTF8 is needed; ${remedy}`);
  }
  if (server.readOnly !== 'off') {
    const what = server.standby ? 'a standby' : 'a database that is read-only';
    throw refusal(`leads to ${what}, which takes no writes; it must lead to the primary`);
  }
}

async function findSchema(client: pg.Client, wanted: string | null): Promise<string> {
  if (wanted === null) {
    const { rows } = await client.query<{ schema: string | null }>('SELECT current_schema() AS schema');
    const schema = rows[0]?.schema;
    if (schema) return schema;
    throw refusal('leads to a database whose search_path names no schema that exists; name one: ?schema=trainyard');
  }
  const exists = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [wanted]);
  if (exists.rowCount === 0) await client.query(`CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(wanted)}`);
  return wanted;
}

const refusal = (message: string) => new SettingError('DATABASE_URL', message);
