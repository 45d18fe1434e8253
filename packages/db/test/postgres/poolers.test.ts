import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, eventually, type TestDatabase } from '@trainyard/test-kit';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/index.js';
import { openPostgres } from '../../src/postgres/openPostgres.js';

/** Debian's package; `.ci/run` installs it. */
const hasPgBouncer = (() => {
  try {
    execFileSync('pgbouncer', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

let database: TestDatabase;
const stops: (() => Promise<void>)[] = [];
beforeAll(async () => {
  database = await createTestDatabase(async (url) => (await openDatabase(url)).close());
});
afterAll(async () => {
  for (const stop of stops) await stop();
  await database.drop();
});

async function startPgBouncer(mode: 'session' | 'transaction', settings = ''): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-pgbouncer-'));
  await chmod(folder, 0o755);
  const port = await getPort();
  const target = new URL(database.url);
  const file = join(folder, 'pgbouncer.ini');
  const name = target.pathname.slice(1);
  await writeFile(
    file,
    `[databases]
${name} = host=127.0.0.1 port=${target.port} user=${target.username} password=${target.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
auth_type = any
pool_mode = ${mode}
unix_socket_dir =
${settings}
`,
  );
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'daemon'] : [];
  const child: ChildProcess = spawn('pgbouncer', [...user, file], { stdio: 'ignore' });
  stops.push(async () => {
    child.kill('SIGINT');
    await rm(folder, { recursive: true });
  });
  await eventually('PgBouncer', () => canConnect(port));
  return `postgres://${target.username}@127.0.0.1:${port}/${name}`;
}

const canConnect = (port: number): Promise<true | null> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve(true);
    });
    socket.on('error', () => resolve(null));
  });

describe.skipIf(!hasPgBouncer)('PgBouncer (skipped where the program pgbouncer is missing)', () => {
  it('in transaction mode is refused at once, in one sentence, and leaves no lock', async () => {
    const url = await startPgBouncer('transaction');
    const refused = /^DATABASE_URL leads to a connection pooler in transaction mode, .* in session mode$/;
    await expect(openPostgres(url)).rejects.toThrow(refused);
    // With many sessions of the pool in use, and idle ones beside them.
    await Promise.all(Array.from({ length: 5 }, () => expect(openDatabase(url)).rejects.toThrow(refused)));
    await expect(openPostgres(`${url}?options=-cwork_mem%3D8MB`)).rejects.toThrow('leave options out of the URL');
  });

  it('in session mode works, with no setting of its own', async () => {
    const db = await openDatabase(await startPgBouncer('session'), { poolSize: 3 });
    const heard: (string | null)[] = [];
    await db.listen('job_events', (payload) => heard.push(payload));
    await Promise.all(Array.from({ length: 20 }, () => db.ping()));
    expect(await db.withAdvisoryLock('sweeper', async () => {})).toBe(true);
    await db.keys.create({ name: 'first', role: 'admin', project: 'default' });
    await db.close();
  });
});
