import { EventEmitter } from 'node:events';

export interface Subscription {
  /**
   * Resolves when there may be new events, at the latest after `pollSeconds` or when the signal is aborted. The caller
   * then reads the events itself.
   */
  next(): Promise<void>;
  close(): void;
}

/**
 * Wakes any number of event streams from one Postgres connection, which is notified of each new event. Every stream
 * also looks for events each `pollSeconds`, so a lost connection or notification delays events and loses none.
 */
export class LiveEvents {
  private readonly jobs = new EventEmitter().setMaxListeners(0);
  /** Aborted when the app closes: ends every stream. */
  readonly closing = new AbortController();

  constructor(private readonly pollSeconds: number) {}

  /** Wakes the streams of a job; null: those of every job. */
  notify(jobId: string | null): void {
    for (const name of jobId === null ? this.jobs.eventNames() : [jobId]) this.jobs.emit(name);
  }

  /** Number of open subscriptions. */
  get subscribers(): number {
    return this.jobs.eventNames().reduce((sum, name) => sum + this.jobs.listenerCount(name), 0);
  }

  /**
   * Listens from now on. A notification that arrives between two calls of `next` is remembered: the next call resolves
   * at once, so an event stored after the caller's last read is not missed.
   */
  subscribe(jobId: string, signal: AbortSignal): Subscription {
    let pending = false;
    let wakeUp: (() => void) | null = null;
    const onNotify = () => {
      pending = true;
      wakeUp?.();
    };
    const next = async () => {
      if (!pending && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, this.pollSeconds * 1000);
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wakeUp = null;
      pending = false;
    };
    this.jobs.on(jobId, onNotify);
    signal.addEventListener('abort', onNotify, { once: true });
    const close = () => {
      this.jobs.off(jobId, onNotify);
      signal.removeEventListener('abort', onNotify);
    };
    return { next, close };
  }
}
