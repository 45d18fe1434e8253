import { StaleAttemptError } from '@trainyard/db';
import { retry } from '@trainyard/process';
import type { Logger } from 'pino';

/** Longer than any restart of Postgres: an error that lasts longer than this is not worth blocking a worker for. */
const defaultSeconds = 600;

/**
 * Writes to the database, and retries while it is unreachable, so that a restart of Postgres loses no computed result.
 * @throws StaleAttemptError at once; any other error after `seconds` of retries.
 */
export function retryWrite<T>(logger: Logger, write: () => Promise<T>, seconds = defaultSeconds): Promise<T> {
  return retry(write, {
    firstPauseMs: 200,
    longestPauseMs: 2000,
    forMs: seconds * 1000,
    isTransient: (error) => !(error instanceof StaleAttemptError),
    onRetry: (error) => logger.warn({ err: error }, 'database write failed; retrying'),
  });
}
