import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/** Runs `beat` at once and then at this pace until stopped; the first error of a row is logged, and the next beat comes all the same. */
export class Heartbeat {
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;

  constructor(milliseconds: number, logger: Logger, beat: () => Promise<void>) {
    this.#running = this.#run(milliseconds, logger, beat);
  }

  /** Resolves when no beat is under way any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(milliseconds: number, logger: Logger, beat: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopped;
    let failing = false;
    while (!signal.aborted) {
      try {
        await beat();
        if (failing) logger.info('heartbeats work again');
        failing = false;
      } catch (error) {
        if (!failing) logger.warn({ err: error }, 'a heartbeat failed');
        failing = true;
      }
      await sleep(milliseconds, undefined, { signal }).catch(() => {});
    }
  }
}
