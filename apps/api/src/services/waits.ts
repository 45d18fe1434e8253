import { timeLimit } from '@trainyard/process';
import type { LiveEvents } from './liveEvents.js';

/** Requests of a key that may wait in this process at the same time: each holds a connection. Others do not wait. */
export const maxWaiting = 200;

/** Requests that wait for a job, woken by its events. */
export class Waits {
  readonly #waiting = new Map<string, number>();

  constructor(private readonly liveEvents: Pick<LiveEvents, 'subscribe'>) {}

  /**
   * Resolves when the job is not any more as it is awaited to stay, when the seconds are over, or when `signal` is
   * aborted; at once where too many requests of the key wait. The caller then answers with the job as it is.
   *
   * @param isAwaited asked at the start, after each event of the job, and as often as event streams read without one.
   */
  async until(
    jobId: string,
    keyId: string,
    isAwaited: () => Promise<boolean>,
    { seconds, signal }: { seconds: number; signal: AbortSignal },
  ): Promise<void> {
    const waiting = this.#waiting.get(keyId) ?? 0;
    if (waiting >= maxWaiting) return;
    this.#waiting.set(keyId, waiting + 1);
    const end = AbortSignal.any([signal, timeLimit(seconds * 1000)]);
    // Before the first look: an event after it is not missed.
    const subscription = this.liveEvents.subscribe(jobId, end);
    try {
      while (!end.aborted && (await isAwaited())) await subscription.next();
    } finally {
      subscription.close();
      const left = (this.#waiting.get(keyId) ?? 1) - 1;
      if (left > 0) this.#waiting.set(keyId, left);
      else this.#waiting.delete(keyId);
    }
  }
}
