import type { FastifyRequest } from 'fastify';

/** Milliseconds in which an error that was logged in full is logged in short. */
const holdBackMs = 60_000;
/** Kinds of errors that are remembered at most. */
const maxKinds = 100;

/**
 * Logs why requests failed: each kind of error once a minute in full, with its stack, and otherwise by its first words.
 * While a server is away, thousands of requests may fail in the same way.
 */
export class FailureLog {
  readonly #lastFull = new Map<string, number>();

  add(error: Error, { log }: Pick<FastifyRequest, 'log'>): void {
    const kind = `${error.name} ${'code' in error ? error.code : ''} ${error.message}`.slice(0, 200);
    const now = performance.now();
    const last = this.#lastFull.get(kind);
    if (last !== undefined && now - last < holdBackMs) {
      log.error({ reason: kind.replaceAll(/\s+/g, ' ').trim() }, 'request failed');
      return;
    }
    if (this.#lastFull.size >= maxKinds) this.#lastFull.clear();
    this.#lastFull.set(kind, now);
    log.error({ err: error }, 'request failed');
  }
}
