import { setTimeout as sleep } from 'node:timers/promises';
import { StaleAttemptError } from '@trainyard/db';
import type { Logger } from 'pino';

const firstPauseMs = 200;
const longestPauseMs = 2000;
/** An error that a restart of Postgres does not explain is not worth holding a worker for longer. */
const defaultPatienceSeconds = 600;

/**
 * Does a write, again and again where the database is away: what was computed is not to be lost to a restart of Postgres.
 * @throws StaleAttemptError at once; any other error after `patienceSeconds` of trying.
 */
export async function persistently<T>(
  logger: Logger,
  write: () => Promise<T>,
  patienceSeconds = defaultPatienceSeconds,
): Promise<T> {
  const deadline = performance.now() + patienceSeconds * 1000;
  for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, longestPauseMs)) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof StaleAttemptError || performance.now() + pause > deadline) throw error;
      logger.warn({ err: error }, 'a write failed and is tried again');
      await sleep(pause);
    }
  }
}
