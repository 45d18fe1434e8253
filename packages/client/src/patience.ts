import { isPassing, retryAfterMs } from './errors.js';
import { sleep } from './sleep.js';

const firstDelayMs = 250;
const longestDelayMs = 5_000;

/** Waits between the attempts of one piece of work that goes on where a broken connection has stopped it. */
export class Patience {
  #delayMs = firstDelayMs;
  #lastProgress = Date.now();

  /** @param giveUpAfterSeconds without progress */
  constructor(
    private readonly giveUpAfterSeconds: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Something has arrived: the next error is the first again. */
  progressed(): void {
    this.#delayMs = firstDelayMs;
    this.#lastProgress = Date.now();
  }

  /** The service answered; whether more than that comes is not known yet. */
  answered(): void {
    this.#lastProgress = Date.now();
  }

  /**
   * Waits after an error.
   * @param passing whether another attempt may succeed
   * @throws the error itself where none can, or none has for too long; the signal's reason where it was aborted.
   */
  async afterError(error: unknown, passing = isPassing(error)): Promise<void> {
    this.signal?.throwIfAborted();
    if (!passing || Date.now() - this.#lastProgress > this.giveUpAfterSeconds * 1000) throw error;
    await this.pause(retryAfterMs(error));
  }

  /** Waits before the next attempt, longer each time until there is progress; with a signal, until it is aborted. */
  async pause(atLeastMs = 0): Promise<void> {
    const delay = Math.max(this.#delayMs, Math.min(atLeastMs, longestDelayMs));
    this.#delayMs = Math.min(this.#delayMs * 2, longestDelayMs);
    await sleep(delay, this.signal).catch(() => undefined);
    this.signal?.throwIfAborted();
  }
}
