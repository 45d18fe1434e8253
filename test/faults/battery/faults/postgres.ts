import { setTimeout as sleep } from 'node:timers/promises';
import { startStandby } from '@trainyard/test-kit';
import pg from 'pg';
import { after, alone, type Fault, type Injected, type Scene } from './fault.js';
import { anyJob } from './jobs.js';

export const postgresFaults: Record<string, Fault> = {
  'Postgres stopped': alone('postgres', (scene) => away(scene, 'fast')),
  'Postgres killed': alone('postgres', (scene) => away(scene, 'immediate')),

  'Postgres read-only': alone('postgres', async ({ machines, random }) => {
    const set = (value: string) =>
      machines.session(async (client) => {
        await client.query('SET default_transaction_read_only = off');
        await client.query(`ALTER SYSTEM ${value}`);
        await client.query('SELECT pg_reload_conf()');
      });
    const milliseconds = random.integer(5000, 20_000);
    await set('SET default_transaction_read_only = on');
    const over = after(milliseconds, () => set('RESET default_transaction_read_only'));
    return { what: `for ${milliseconds} ms`, hits: ['servers'], over };
  }),

  'Postgres sessions ended': alone('postgres', async ({ machines }) => {
    const ended = await machines.sql(`${endSessions} RETURNING_NOTHING`.replace(' RETURNING_NOTHING', ''));
    return { what: `${ended.length}`, hits: [] };
  }),

  'Postgres connections used up': alone('postgres', async ({ machines, random }) => {
    const taken: pg.Client[] = [];
    // The service connects again in between, so that it may have got some of the freed ones.
    for (let round = 0; round < 3; round += 1) {
      await takeConnections(machines.postgres.url, taken);
      if (round < 2) await taken[0]?.query(endSessions);
    }
    const milliseconds = random.integer(5000, 20_000);
    const over = after(milliseconds, () => Promise.all(taken.map((client) => client.end().catch(() => {}))));
    return { what: `${taken.length} for ${milliseconds} ms`, hits: ['servers'], over };
  }),

  /** As an operator who looks at a row in a transaction and forgets about it. */
  async 'row of a job locked'({ machines, random }) {
    const id = await anyJob(machines, random, ['running']);
    if (!id) return null;
    const worker = await machines.workerOf(id);
    const milliseconds = random.integer(2000, 40_000);
    const begun = await lock(machines.postgres.url, `SELECT FROM jobs WHERE id = '${id}' FOR UPDATE`, milliseconds);
    if (!begun) return null;
    return { what: `${id} for ${milliseconds} ms`, hits: worker ? [id, worker] : [id], over: begun.over };
  },

  'table of jobs locked': alone('postgres', async ({ machines, random }) => {
    const milliseconds = random.integer(5000, 20_000);
    const begun = await lock(machines.postgres.url, 'LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE', milliseconds);
    return begun && { what: `for ${milliseconds} ms`, hits: ['servers'], over: begun.over };
  }),

  'Postgres failed over with loss': alone('postgres', failOver),
};

const endSessions = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND application_name <> 'battery'`;

async function away({ machines, random }: Scene, how: 'fast' | 'immediate'): Promise<Injected> {
  await machines.postgres.interrupt(how);
  const milliseconds = random.pick([0, 1000, 5000, 12_000]);
  const over = after(milliseconds, () => machines.postgres.restart());
  return { what: `for ${milliseconds} ms`, hits: ['servers'], over };
}

async function takeConnections(url: string, taken: pg.Client[]): Promise<void> {
  for (;;) {
    const client = new pg.Client({ connectionString: url, application_name: 'battery' });
    client.on('error', () => {});
    try {
      await client.connect();
    } catch {
      return;
    }
    taken.push(client);
  }
}

/** Locks something in a transaction of its own. Returns null when it is not free within three seconds. */
async function lock(url: string, statement: string, milliseconds: number) {
  const client = new pg.Client({ connectionString: url, application_name: 'battery' });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(`SET lock_timeout = '3s'`);
    await client.query('BEGIN');
    await client.query(statement);
  } catch {
    await client.end().catch(() => {});
    return null;
  }
  return { over: after(milliseconds, () => client.end().catch(() => {})) };
}

/**
 * The primary loses its power, and a standby that has not received its last seconds takes its place: connections to
 * the old one end, or are never heard of again. What was committed in these seconds never happened.
 */
async function failOver({ machines, random, gaps }: Scene): Promise<Injected> {
  const primary = machines.postgres;
  const standby = await startStandby(primary);
  const lagMs = random.pick([0, 500, 2000, 5000]);
  const silent = random.chance(0.5);
  const move = async () => {
    await sleep(lagMs);
    if (silent) for (const { postgres } of machines.lines) postgres.loseConnections();
    await primary.kill();
    const gap = gaps.at(-1);
    if (gap) gap.to = performance.now();
    await standby.promote();
    machines.postgres = standby;
    for (const { postgres } of machines.lines) postgres.target = Number(new URL(standby.url).port);
    await primary.stop();
  };
  try {
    await standby.catchUp();
  } catch (error) {
    await standby.stop();
    throw error;
  }
  // A standby is always a little behind.
  gaps.push({ from: performance.now() - (lagMs === 0 ? 1000 : 100), to: Number.POSITIVE_INFINITY });
  standby.replication.blackHole = lagMs > 0;
  return { what: `${lagMs} ms behind${silent ? ', without a word' : ''}`, hits: ['servers'], over: move() };
}
