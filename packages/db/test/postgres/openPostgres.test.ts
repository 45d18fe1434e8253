import { SettingError } from '@trainyard/contracts';
import {
  type Certificates,
  createCertificates,
  encrypt,
  type PostgresServer,
  startPostgres,
  startStandby,
} from '@trainyard/test-kit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/index.js';
import { openPostgres } from '../../src/postgres/openPostgres.js';

let server: PostgresServer;
let certificates: Certificates;
beforeAll(async () => {
  [server, certificates] = await Promise.all([startPostgres(), createCertificates()]);
}, 60_000);
afterAll(async () => {
  await server.stop();
  await certificates.remove();
});

async function admin(statement: string, database = 'postgres'): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: urlOf(database), ssl: false });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** @param query of the URL, with its question mark */
function urlOf(database: string, query = '', user = 'trainyard:trainyard'): string {
  const url = new URL(server.url);
  return `postgresql://${user}@${url.host}/${database}${query}`;
}

const errorOf = (url: string): Promise<string> =>
  openPostgres(url).then(
    (resolved) => `no error: ${resolved}`,
    (error) => {
      expect(error).toBeInstanceOf(SettingError);
      expect(error.message).not.toContain('\n');
      return error.message;
    },
  );

describe('a database with other defaults', () => {
  beforeAll(async () => {
    await admin('CREATE DATABASE india');
    await admin(`ALTER DATABASE india SET timezone = 'Asia/Kolkata'`);
    await admin(`ALTER DATABASE india SET datestyle = 'SQL, DMY'`);
    await admin(`ALTER DATABASE india SET intervalstyle = 'sql_standard'`);
    await admin(`ALTER DATABASE india SET extra_float_digits = '-4'`);
    await admin(`ALTER DATABASE india SET bytea_output = 'escape'`);
    await admin(`ALTER DATABASE india SET default_transaction_isolation = 'serializable'`);
  });

  it('stores and reads every time in UTC', async () => {
    const before = Date.now();
    const db = await openDatabase(urlOf('india'));
    try {
      await db.keys.create({ name: 'first', role: 'admin', project: 'default' });
      await db.workers.heartbeat({
        id: 'wrk_00000000000000000000000001',
        hostname: 'here',
        pid: 1,
        jobId: null,
        attempt: null,
        executor: 'native',
        device: 'cpu',
        memoryBytes: 8e9,
        fault: null,
      });
      const [worker] = await db.project('default').workers.list();
      // This session has the database's DateStyle, whose times pg cannot read.
      const stored = await admin('SELECT (extract(epoch FROM created_at) * 1000)::float8 AS at FROM api_keys', 'india');
      for (const time of [worker?.heartbeatAt, worker?.startedAt, (stored as { at: number }[])[0]?.at]) {
        const at = new Date(time ?? 0).getTime();
        expect(at).toBeGreaterThanOrEqual(before - 1000);
        expect(at).toBeLessThanOrEqual(Date.now() + 1000);
      }
    } finally {
      await db.close();
    }
  });

  it('is refused where its encoding is not UTF8', async () => {
    await admin(`CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`);
    expect(await errorOf(urlOf('latin'))).toContain('the encoding LATIN1, and UTF8 is needed');
  });
});

describe('a schema of one’s own', () => {
  const tables = (database: string) =>
    admin(`SELECT DISTINCT table_schema AS schema FROM information_schema.tables WHERE table_name = 'jobs'`, database);

  it('is that of the URL, which is created', async () => {
    await admin('CREATE DATABASE shared');
    const db = await openDatabase(urlOf('shared', '?schema=team'));
    await db.keys.create({ name: 'first', role: 'admin', project: 'default' });
    expect(await db.keys.list(null)).toHaveLength(1);
    await db.close();
    expect(await tables('shared')).toEqual([{ schema: 'team' }]);
    // Another one in the same database has tables of its own.
    const other = await openDatabase(urlOf('shared', '?schema=other&application_name=other'));
    expect(await other.keys.list(null)).toHaveLength(0);
    await other.close();
  });

  it('is that of the role or of options, where the URL has none', async () => {
    await admin('CREATE DATABASE roles');
    await admin('CREATE SCHEMA elsewhere', 'roles');
    for (const query of ['?options=-csearch_path%3Delsewhere', '?options=-c%20search_path=elsewhere']) {
      const db = await openDatabase(urlOf('roles', query));
      expect(await db.keys.list(null)).toHaveLength(0);
      await db.close();
    }
    expect(await tables('roles')).toEqual([{ schema: 'elsewhere' }]);
    expect(await errorOf(urlOf('roles', '?options=-csearch_path%3Dnowhere'))).toContain('name one: ?schema=trainyard');
  });
});

describe('what cannot be used is refused in one sentence', () => {
  it('a wrong password or database, and a server that is away', async () => {
    expect(await errorOf(urlOf('postgres', '', 'trainyard:wrong'))).toMatch(
      /^DATABASE_URL has a user or password that/,
    );
    expect(await errorOf(urlOf('nothing'))).toMatch(/names a database that does not exist .* createdb nothing$/);
    expect(await errorOf('postgres://a:b@127.0.0.1:1/x')).toBe(
      'DATABASE_URL leads to 127.0.0.1:1, where no Postgres answers (ECONNREFUSED)',
    );
    expect(await errorOf('postgres://a:b@nowhere.invalid/x')).toContain('names the host of nowhere.invalid:5432');
  });

  it('a role without rights, with the grants that it needs', async () => {
    await admin('CREATE DATABASE owned');
    await admin(`CREATE ROLE guest LOGIN PASSWORD 'guest'`);
    const guest = urlOf('owned', '', 'guest:guest');
    const refused = 'GRANT CREATE ON SCHEMA public TO "guest"; GRANT CREATE ON DATABASE "owned" TO "guest"';
    await expect(openDatabase(guest)).rejects.toThrow(refused);
    await admin('GRANT CREATE ON SCHEMA public TO guest', 'owned');
    await (await openDatabase(guest)).close();
    expect(await errorOf(urlOf('owned', '?schema=own', 'guest:guest'))).toContain('GRANT CREATE ON DATABASE "owned"');
  });

  it('a database that is read-only, and a standby', async () => {
    await admin('CREATE DATABASE frozen');
    await admin('ALTER DATABASE frozen SET default_transaction_read_only = on');
    expect(await errorOf(urlOf('frozen'))).toContain('a database that is read-only, which takes no writes');
    const standby = await startStandby(server);
    try {
      expect(await errorOf(standby.url)).toContain('a standby, which takes no writes; it must lead to the primary');
    } finally {
      await standby.stop();
    }
  }, 60_000);

  it('a role that has no connection left, after waiting for one', async () => {
    await admin(`CREATE ROLE single LOGIN PASSWORD 'single' CONNECTION LIMIT 0`);
    const url = urlOf('postgres', '', 'single:single');
    expect(await errorOf(url)).toContain('no connection left: too many connections for role "single"');
    const waited: string[] = [];
    const logger = { info: () => {}, warn: (_details: object, message: string) => void waited.push(message) };
    const opening = openPostgres(url, { waitSeconds: 30, logger });
    await expect.poll(() => waited).toHaveLength(1);
    await admin('ALTER ROLE single CONNECTION LIMIT 10');
    expect(await opening).toContain('schema=public');
    expect(waited).toEqual([`waiting for Postgres at ${new URL(server.url).host}`]);
  });
});

describe('sslmode', () => {
  it('is refused with its remedy where the server has no TLS; prefer goes without', async () => {
    expect(await errorOf(urlOf('postgres', '?sslmode=require'))).toContain('has no TLS; set sslmode=disable');
    expect(await openPostgres(urlOf('postgres', '?sslmode=prefer'))).toContain('sslmode=disable');
  });

  it('has the meaning of libpq where the certificate is of a private authority', async () => {
    await encrypt(server, certificates);
    const authority = `&sslrootcert=${encodeURIComponent(certificates.authority)}`;
    const isEncrypted = async (query: string) => {
      const db = await openDatabase(urlOf('postgres', query));
      const [row] = await admin(`SELECT bool_and(ssl) AS ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'trainyard'`);
      await db.ping();
      const [now] = (await admin(`SELECT bool_and(ssl) AS ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'trainyard'`)) as { ssl: boolean }[];
      await db.close();
      return (row as { ssl: boolean | null }).ssl === null && now?.ssl;
    };
    for (const query of ['', '?sslmode=prefer', '?sslmode=require', '?sslmode=no-verify']) {
      expect(await isEncrypted(query), query).toBe(true);
    }
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      expect(await isEncrypted(`?sslmode=${mode}${authority}`), mode).toBe(true);
    }
    expect(await isEncrypted('?sslmode=disable')).toBe(false);
    const unknown = await errorOf(urlOf('postgres', '?sslmode=verify-full'));
    expect(unknown).toMatch(/is of an unknown authority; name the authority in sslrootcert=.* sslmode=require$/);
    const { port } = new URL(server.url);
    const otherName = `postgresql://trainyard:trainyard@127.0.0.2:${port}/postgres?sslmode=verify`;
    expect(await errorOf(`${otherName}-full${authority}`)).toMatch(/of another host|no Postgres answers/);
  }, 60_000);
});
