import { type Readiness, SettingError } from '@trainyard/contracts';
import type { FastifyBaseLogger } from 'fastify';

/** Longer than a database takes to open a connection and answer where each round trip takes 2 s. */
const timeoutMs = 10_000;

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

/**
 * One check of readiness. Probes that come while it runs share its result, so that they do not pile up at a server that
 * is slow. Of failures in sequence only the first is logged, and then the recovery.
 */
export class ReadinessCheck {
  #running: Promise<Readiness['checks'][string]> | null = null;
  #failing = false;

  constructor(
    private readonly name: string,
    private readonly work: () => Promise<unknown>,
    private readonly log: FastifyBaseLogger,
  ) {}

  run(): Promise<Readiness['checks'][string]> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<Readiness['checks'][string]> {
    try {
      await within(this.work());
      if (this.#failing) this.log.info({ check: this.name }, 'readiness check succeeds again');
      this.#failing = false;
      return { ok: true };
    } catch (error) {
      if (!this.#failing) this.log.warn({ err: error, check: this.name }, 'readiness check failed');
      this.#failing = true;
      // Any other reason is only logged, because this route answers without a key.
      return { ok: false, detail: error instanceof SettingError ? error.message : 'does not answer' };
    }
  }
}
