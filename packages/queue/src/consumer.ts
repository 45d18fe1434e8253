import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptKey } from '@trainyard/contracts';
import type { Backend, EntryWorker } from './backend.js';
import { Outage, type OutageReports } from './outage.js';

/**
 * Runs an attempt to its end. The entry leaves the queue when the promise resolves, and also when it rejects.
 *
 * @param lost aborted when the queue takes this consumer for dead, or was emptied. Whether the attempt still counts
 *   is not decided by the queue, but by the attempt's token in Postgres.
 */
export type DeliveryHandler = (delivery: AttemptKey, lost: AbortSignal) => Promise<void>;

export type ConsumeOptions = {
  /** Deliveries handled at the same time. */
  concurrency: number;
  /** Milliseconds without a renewal after which the queue takes a consumer for dead. */
  lockMs?: number;
};

const defaultLockMs = 10_000;
/** Milliseconds that a closing consumer waits for the queue's server to record the end of its last entries. */
const closingMs = 3000;

/** Takes deliveries until it is closed. */
export class Consumer {
  readonly #worker: EntryWorker;
  readonly #outage: Outage;
  readonly #handling = new Set<Promise<void>>();

  constructor(
    backend: Backend,
    name: string,
    reports: OutageReports,
    handler: DeliveryHandler,
    options: ConsumeOptions,
  ) {
    const { concurrency, lockMs = defaultLockMs } = options;
    const never = new AbortController().signal;
    // BullMQ passes the signal only to a function that declares it.
    const process = (entry: { data: AttemptKey }, _token: string | undefined, lost?: AbortSignal) =>
      this.#track(handler(entry.data, lost ?? never));
    this.#outage = new Outage(reports);
    const workOptions = {
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      // An entry whose consumer died is dropped, not delivered again: the dispatcher adds the job's next attempt.
      maxStalledCount: 0,
      runRetryDelay: 1000,
    };
    this.#worker = backend.worker(name, process, workOptions, this.#outage);
    this.#worker.on('error', (error) => this.#outage.failed(error));
    this.#worker.on('failed', (_entry, error) => reports.onError(error));
    this.#worker.on('lockRenewalFailed', (ids: string[]) => {
      for (const id of ids) this.#worker.cancelJob(id, 'the lock was lost');
    });
  }

  #track(handled: Promise<void>): Promise<void> {
    this.#handling.add(handled);
    return handled.finally(() => this.#handling.delete(handled));
  }

  /** Takes no more deliveries until `resume`; those being handled go on. One that is being fetched may still come. */
  pause(): Promise<void> {
    return this.#worker.pause(true);
  }

  async resume(): Promise<void> {
    await this.#worker.resume();
  }

  /**
   * Takes no more deliveries, and waits for those being handled. An unreachable server delays this only by seconds.
   */
  async close(): Promise<void> {
    this.#outage.end();
    const closing = this.#worker.close();
    await Promise.allSettled(this.#handling);
    const timeout = new AbortController();
    await Promise.race([closing, sleep(closingMs, undefined, { signal: timeout.signal })]);
    timeout.abort();
    await this.#worker.getBackend().close(true);
  }
}
