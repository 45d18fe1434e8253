import { execFile } from 'node:child_process';
import { chown, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { eventually } from '../eventually.js';
import { configure, createFolder, handleOf, type PostgresServer } from './postgres.js';
import { startProxy, type TcpProxy } from './proxy.js';

export type StandbyServer = PostgresServer & {
  /** Between the standby and its primary: while it is a black hole the standby falls behind. */
  replication: TcpProxy;
  /** Resolves when the standby has everything that is committed on the primary now. */
  catchUp(): Promise<void>;
  /** Makes it a primary with what it has. */
  promote(): Promise<void>;
};

/**
 * Copies a running server and starts the copy as its hot standby with asynchronous streaming replication. The copy is
 * made file by file between `pg_backup_start` and `pg_backup_stop`, because the tests' Postgres comes without
 * pg_basebackup.
 */
export async function startStandby(primary: PostgresServer): Promise<StandbyServer> {
  const folder = await createFolder();
  await copyData(primary, join(folder, 'data'));
  const replication = await startProxy(Number(new URL(primary.url).port));
  const log: string[] = [];
  const source = `host=127.0.0.1 port=${replication.port} user=trainyard password=trainyard`;
  const standbyFlags = ['-c', `primary_conninfo=${source}`, '-c', 'wal_retrieve_retry_interval=200'];
  const configured = await configure(folder, [...primary.flags, ...standbyFlags], log);
  // It resolves when the standby is promoted; until then its end is the only thing that can happen.
  const failed = configured.server.start().then(
    () => null,
    () => new Error(`the standby ended:\n${log.join('')}`),
  );
  const handle = handleOf(configured);
  const ready = eventually('a standby that answers', () => ask(handle.url, 'SELECT 1').catch(() => null), 30_000);
  const error = await Promise.race([failed, ready]);
  if (error instanceof Error) {
    await replication.close();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return Object.assign(handle, {
    replication,
    async catchUp() {
      const lsn = await ask(primary.url, 'SELECT pg_current_wal_flush_lsn()::text');
      const reached = `SELECT pg_last_wal_replay_lsn() >= '${lsn}'::pg_lsn`;
      await eventually('a standby that has caught up', () => ask(handle.url, reached), 30_000);
    },
    async promote() {
      await ask(handle.url, 'SELECT pg_promote(true, 30)');
      await replication.close();
    },
    stop: stopBoth(handle.stop, replication),
  });
}

const stopBoth = (stop: () => Promise<void>, replication: TcpProxy) => async () => {
  await replication.close();
  await stop();
};

async function copyData(primary: PostgresServer, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  try {
    // What the copy lacks must still be there when the standby asks for it.
    await client.query(`ALTER SYSTEM SET wal_keep_size = '512MB'`);
    await client.query('SELECT pg_reload_conf()');
    await client.query(`SELECT pg_backup_start('standby', true)`);
    await copyFolder(primary.dataFolder, to);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    await rm(join(to, 'postmaster.pid'), { force: true });
    const { uid, gid } = await stat(to);
    for (const [name, content] of [
      ['backup_label', rows[0]?.labelfile as string],
      ['standby.signal', ''],
    ] as const) {
      await writeFile(join(to, name), content);
      await chown(join(to, name), uid, gid);
    }
  } finally {
    await client.end();
  }
}

/** Files may vanish while they are copied; the replay of the log makes up for that. */
async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to]).catch((error: { stderr?: string }) => {
    const faults = (error.stderr ?? String(error)).split('\n').filter((line) => line.trim() !== '');
    if (faults.length === 0 || faults.some((line) => !line.includes('No such file'))) throw error;
  });
}

/** The first column of the first row. */
async function ask(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query({ text: statement, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end().catch(() => {});
  }
}
