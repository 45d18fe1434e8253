import type pg from 'pg';

/**
 * Runs `work` while this process holds the advisory lock of that name, which Postgres lets go of when the process dies.
 *
 * @returns false, without having run it, where another holds the lock.
 */
export async function exclusively(pool: pg.Pool, name: string, work: () => Promise<void>): Promise<boolean> {
  const connection = await pool.connect();
  // One that breaks while nobody asks it anything would else end the process; whoever asks it next is told.
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  connection.on('error', onError);
  try {
    const key = `hashtextextended($1, 0)`;
    const { rows } = await connection.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(${key}) AS held`, [name]);
    if (!rows[0]?.held) return false;
    try {
      await work();
      return true;
    } finally {
      await connection.query(`SELECT pg_advisory_unlock(${key})`, [name]);
    }
  } finally {
    connection.off('error', onError);
    connection.release(broken);
  }
}
