import type pg from 'pg';

/**
 * Runs `work` while this process holds the advisory lock of that name. Postgres releases the lock when the process
 * dies.
 *
 * @returns false, without running `work`, if another session holds the lock.
 * @throws what `work` throws, or the error of a connection that broke meanwhile: the lock was then lost with it.
 */
export async function withAdvisoryLock(pool: pg.Pool, name: string, work: () => Promise<void>): Promise<boolean> {
  const connection = await pool.connect();
  let broken: Error | undefined;
  // Without a listener, the error event of an idle connection would crash the process.
  const onError = (error: Error) => {
    broken = error;
  };
  connection.on('error', onError);
  try {
    const key = `hashtextextended($1, 0)`;
    const { rows } = await connection.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${key}) AS locked`, [
      name,
    ]);
    if (!rows[0]?.locked) return false;
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
