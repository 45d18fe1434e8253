import { connectionErrorCodes, type TrainyardError } from '@trainyard/contracts';
import { ProblemError, retryAfterMs, UnreachableError } from './errors.js';
import { sleep } from './sleep.js';

export interface RetryOptions {
  /** How often the request is sent again at most; 0: never. */
  retries?: number;
  /** Called before each wait. */
  onRetry?(error: TrainyardError, seconds: number): void;
  /** Ends the waiting with its reason. */
  signal?: AbortSignal | undefined;
}

const firstDelayMs = 1_000;
/** Retry-After of a longer time is for people to decide. */
const longestDelayMs = 60_000;

/** A bad gateway, a service that is away or overloaded, a gateway that got no answer. */
const passingStatuses = [502, 503, 504];

/** Codes of fetch, for the same reasons. */
const fetchCodes = ['UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];
const passingCodes = new Set([...connectionErrorCodes, ...fetchCodes]);

/** Sends a request that may safely be sent again, until it is answered. @throws the last error */
export async function retrying<T>(send: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { retries = 4, onRetry, signal } = options;
  for (let sent = 1; ; sent++) {
    try {
      return await send();
    } catch (error) {
      signal?.throwIfAborted();
      const delay = Math.max(firstDelayMs * 2 ** (sent - 1), retryAfterMs(error));
      if (sent > retries || !passes(error) || delay > longestDelayMs) throw error;
      onRetry?.(error, delay / 1000);
      await sleep(delay, signal);
    }
  }
}

/** Waits before a request that only reads is sent again. */
const brokenDelaysMs = [250, 1_000, 2_000];

/** Codes of a connection that was there and broke: a proxy that closes idle ones, a link that is cut. */
const brokenCodes = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'ECONNABORTED', 'EPIPE']);

/**
 * Sends a request that only reads again where its connection breaks. A service that cannot be reached at all is
 * reported at once.
 * @throws the last error
 */
export async function resending<T>(send: () => Promise<T>, signal?: AbortSignal | undefined): Promise<T> {
  for (const delay of brokenDelaysMs) {
    try {
      return await send();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof UnreachableError && codesOf(error).some((code) => brokenCodes.has(code)))) throw error;
      await sleep(delay, signal);
    }
  }
  return send();
}

function passes(error: unknown): error is TrainyardError {
  if (error instanceof ProblemError) return passingStatuses.includes(error.status) || error.code === 'rate_limited';
  return error instanceof UnreachableError && codesOf(error).some((code) => passingCodes.has(code));
}

/** The codes of an error, of its causes, and of the errors of an AggregateError. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code, errors = [] } = error as { code?: string; errors?: unknown[] };
  return [...(code === undefined ? [] : [code]), ...codesOf(error.cause), ...errors.flatMap(codesOf)];
}
