import { setTimeout as sleep } from 'node:timers/promises';

/** Pauses between retries, in milliseconds: each is twice the one before, up to the longest. */
export class Backoff {
  #next: number;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {
    this.#next = firstMs;
  }

  next(): number {
    const pause = this.#next;
    this.#next = Math.min(2 * pause, this.longestMs);
    return pause;
  }

  /** What was retried has worked long enough: the next pause is the first one again. */
  reset(): void {
    this.#next = this.firstMs;
  }
}

export interface RetryOptions {
  firstPauseMs: number;
  longestPauseMs: number;
  /** Milliseconds after which no further try begins. */
  forMs: number;
  /** Whether another try can help after this error; where absent, after every error. */
  isTransient?: (error: unknown) => boolean;
  /** Called before each pause. */
  onRetry?: (error: unknown) => void;
}

/**
 * Runs `task` until it succeeds, with a growing pause after each failure.
 * @returns what the task returned.
 * @throws the task's last error: at once where it is not transient, else when the time is over.
 */
export async function retry<T>(task: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { firstPauseMs, longestPauseMs, forMs, isTransient = () => true, onRetry = () => {} } = options;
  const deadline = performance.now() + forMs;
  const backoff = new Backoff(firstPauseMs, longestPauseMs);
  for (;;) {
    try {
      return await task();
    } catch (error) {
      const pause = backoff.next();
      if (!isTransient(error) || performance.now() + pause > deadline) throw error;
      onRetry(error);
      await sleep(pause);
    }
  }
}
