import { isUnavailable } from '@trainyard/db';
import { retry } from '@trainyard/process';
import type { Logger } from 'pino';

/** Longer than any restart of Postgres: an error that lasts longer than this is not worth blocking a worker for. */
const defaultSeconds = 600;

/**
 * Writes to the database, and retries while it is unavailable, so that a restart of Postgres loses no computed result.
 * Of its failures only the first is logged.
 * @throws StaleAttemptError, and every error that another try would only repeat, at once; any other after `seconds` of
 *   retries.
 */
export function retryWrite<T>(logger: Logger, write: () => Promise<T>, seconds = defaultSeconds): Promise<T> {
  let logged = false;
  return retry(write, {
    firstPauseMs: 200,
    longestPauseMs: 2000,
    forMs: seconds * 1000,
    isTransient: isUnavailable,
    onRetry: (error) => {
      if (!logged) logger.warn({ err: error }, 'database write failed; retrying');
      logged = true;
    },
  });
}
