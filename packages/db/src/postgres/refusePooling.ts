import { SettingError } from '@trainyard/contracts';
import type pg from 'pg';

/** A pair of clients may keep its sessions by chance, in about half of the rounds; never in so many. */
const rounds = 30;

/**
 * Behind a pooler in transaction mode each transaction may get another session of the server: settings, notifications,
 * locks and prepared statements of a session, on which this service relies, come and go. A pooler is known by the
 * process that it names at the start of a connection, which is not that of the server's session. Its mode is known by
 * two clients that are open at once: in session mode each keeps its session, so that neither ever sees another process,
 * and never both the same.
 *
 * @throws SettingError behind a pooler in transaction mode.
 */
export async function refusePooling(client: pg.Client, connect: () => Promise<pg.Client>): Promise<void> {
  const pidOf = async (session: pg.Client) =>
    (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
  const first = await pidOf(client);
  if (first === (client as unknown as { processID: number }).processID) return;
  const other = await connect();
  try {
    // Looked at first outside a transaction: a pool of one session would let it wait forever.
    const pids = new Map([
      [client, first],
      [other, await pidOf(other)],
    ]);
    for (let round = 0; round < rounds; round++) {
      // In random order: clients that check at the same time in the same order can give each other their own
      // sessions back, round after round.
      for (const session of inRandomOrder(client, other)) {
        await session.query('BEGIN');
        const pid = await pidOf(session);
        if (pid !== pids.get(session) || pids.get(client) === pids.get(other)) throw refusal();
      }
      for (const session of inRandomOrder(client, other)) await session.query('ROLLBACK');
    }
  } finally {
    await other.end();
  }
}

const inRandomOrder = <T>(a: T, b: T): T[] => (Math.random() < 0.5 ? [a, b] : [b, a]);

const refusal = () =>
  new SettingError(
    'DATABASE_URL',
    'leads to a connection pooler in transaction mode, behind which sessions are shared; name the port of the server ' +
      'itself, or of a pool in session mode',
  );
