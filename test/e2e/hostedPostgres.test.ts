import {
  type Certificates,
  createCertificates,
  encrypt,
  findDebianPostgres,
  type PostgresServer,
  redisUrl,
  startDebianPostgres,
  startPostgres,
} from '@trainyard/test-kit';
import { quickSpec, useServed, waitForEnd } from '@trainyard/test-kit/service';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/*
 * The service on a Postgres that others run: TLS by a private authority, a role that may do nothing but create schemas
 * in its own database, other defaults than Postgres' own, and limits.
 */

const programs = await findDebianPostgres();

let server: Pick<PostgresServer, 'url' | 'dataFolder' | 'stop'>;
let certificates: Certificates;
beforeAll(async () => {
  certificates = await createCertificates();
});
afterAll(() => certificates?.remove());

async function admin<Row extends object>(statement: string, database = 'postgres'): Promise<Row[]> {
  const url = new URL(server.url);
  url.pathname = database;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function createDatabase(name: string): Promise<string> {
  await admin(`CREATE ROLE ${name} LOGIN PASSWORD 'p@ss/word'`);
  await admin(`CREATE DATABASE ${name}`);
  await admin(`GRANT CREATE ON DATABASE ${name} TO ${name}`);
  await admin(`ALTER DATABASE ${name} SET timezone = 'Asia/Kolkata'`);
  await admin(`ALTER ROLE ${name} SET datestyle = 'SQL, DMY'`);
  const query = new URLSearchParams({
    sslmode: 'verify-full',
    sslrootcert: certificates.authority,
    schema: 'team',
    options: '-c work_mem=8MB',
  });
  return `postgresql://${name}:p%40ss%2Fword@localhost:${new URL(server.url).port}/${name}?${query}`;
}

function useServer(start: () => Promise<typeof server>): void {
  beforeAll(async () => {
    server = await start();
    await encrypt(server, certificates);
  });
  afterAll(() => server?.stop());
}

describe('on the embedded version', () => {
  useServer(startPostgres);
  runsJobs();
});

describe.skipIf(programs === null)("on Debian's version (skipped where the package postgresql is missing)", () => {
  useServer(() => startDebianPostgres(programs ?? ''));
  runsJobs();
});

function runsJobs(): void {
  it.each(['postgres', 'redis'] as const)(
    'a job runs within its schemas, over TLS, with times as they are; the queue is in %s',
    async (queue) => {
      const name = `india_${queue}`;
      const url = await createDatabase(name);
      const begin = Date.now();
      const served = await useServed({ postgres: { url }, redisUrl: queue === 'redis' ? await redisUrl() : undefined });
      await served.startWorker();
      const { client } = served;
      const { id } = await client.submit(quickSpec);
      const job = await waitForEnd(client, id);
      expect(job.state).toBe('succeeded');

      const workers = await client.workers();
      const { data: audit } = await client.audit();
      const keys = await client.keys();
      const times = [
        ...[job.createdAt, job.startedAt, job.finishedAt],
        ...workers.flatMap(({ startedAt, heartbeatAt }) => [startedAt, heartbeatAt]),
        ...audit.map(({ at }) => at),
        ...keys.map(({ createdAt }) => createdAt),
      ];
      expect(times.length).toBeGreaterThanOrEqual(7);
      for (const time of times) {
        expect(Date.parse(String(time))).toBeGreaterThanOrEqual(begin - 1000);
        expect(Date.parse(String(time))).toBeLessThanOrEqual(Date.now() + 1000);
      }

      const schemas = await admin<{ schema: string }>(
        `SELECT DISTINCT schemaname AS schema FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
        name,
      );
      expect(schemas.map(({ schema }) => schema)).toEqual(queue === 'redis' ? ['team'] : ['team', 'team_bullmq']);
      const sessions = await admin<{ name: string; ssl: boolean }>(
        `SELECT application_name AS name, ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
       WHERE datname = '${name}'`,
      );
      expect(sessions.length).toBeGreaterThan(2);
      expect(sessions.filter(({ ssl }) => !ssl)).toEqual([]);
    },
  );
}
