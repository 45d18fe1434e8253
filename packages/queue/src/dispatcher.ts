import type { AttemptKey, Delivery, Heartbeat } from '@trainyard/contracts';
import { type Logger, Loop } from '@trainyard/process';
import { HeartbeatMonitor } from './heartbeatMonitor.js';
import type { JobQueue } from './jobQueue.js';

/** The parts of the database that the dispatcher uses. */
export type DispatcherDatabase = {
  outbox: {
    /**
     * Passes the oldest rows of the outbox to `publish`, deletes them if that succeeds, and returns how many there
     * were.
     */
    take(limit: number, publish: (deliveries: Delivery[]) => Promise<void>): Promise<number>;
    /** The jobs that wait for a worker, in the order in which they should start. */
    queued(limit: number): Promise<Delivery[]>;
    /** Those of the attempts that no queued job waits for. */
    notQueued<T extends AttemptKey>(attempts: T[]): Promise<T[]>;
  };
  attempts: {
    /** Of every running attempt. */
    heartbeats(): Promise<Heartbeat[]>;
    /** Ends an attempt whose worker is lost, unless another heartbeat has come; returns its job's id, or null. */
    expire(last: Heartbeat, silentSeconds: number): Promise<string | null>;
  };
};

export type DispatcherOptions = {
  database: DispatcherDatabase;
  queue: Pick<JobQueue, 'add' | 'addAgain' | 'waiting' | 'remove'>;
  logger: Logger;
  /** Milliseconds between two runs of the relay, of the reconciler and of the heartbeat check. */
  relayMs?: number;
  reconcileMs?: number;
  heartbeatMs?: number;
};

const outboxBatch = 100;
/** Each run adds only the first jobs that are queued; those behind them follow as they move up. */
const reconciledJobs = 100;
const reconciledEntries = 1000;
/** At one check every 2 s, a worker counts as lost after 10 s. */
const missedChecks = 5;

/**
 * Keeps the queue in step with the database, with three loops:
 *
 * - The outbox relay moves the rows of the outbox into the queue, at once when woken.
 * - The reconciler adds queued jobs again, in case the queue has lost them, and removes entries for which no job waits.
 * - The heartbeat monitor ends attempts whose workers have stopped sending heartbeats.
 *
 * Any number of processes may run a dispatcher: each of these operations may be done twice.
 */
export class Dispatcher {
  readonly #loops: Loop[];
  readonly #relay: Loop;
  #addFailure: Error | null = null;
  readonly #monitor = new HeartbeatMonitor(missedChecks);

  constructor(private readonly options: DispatcherOptions) {
    const { logger, relayMs = 500, reconcileMs = 5000, heartbeatMs = 2000 } = options;
    this.#relay = new Loop('outbox relay', relayMs, () => this.#relayOutbox(), logger);
    this.#loops = [
      this.#relay,
      new Loop('reconciler', reconcileMs, () => this.#reconcile(), logger),
      new Loop('heartbeat monitor', heartbeatMs, () => this.#expireSilent(heartbeatMs), logger),
    ];
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  /** Why the queue did not take the rows that the outbox still has; null if it takes them. */
  get addFailure(): Error | null {
    return this.#addFailure;
  }

  /** Relays a new row of the outbox at once. */
  wake(): void {
    this.#relay.wake();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  async #relayOutbox(): Promise<void> {
    const { database, queue } = this.options;
    const publish = (deliveries: Delivery[]) =>
      queue.add(deliveries).catch((error: Error) => {
        this.#addFailure = error;
        throw error;
      });
    while ((await database.outbox.take(outboxBatch, publish)) === outboxBatch);
    this.#addFailure = null;
  }

  async #reconcile(): Promise<void> {
    const { database, queue } = this.options;
    const queued = await database.outbox.queued(reconciledJobs);
    await queue.add(queued);
    // Each entry starts the first job of the queue, whichever job it was added for: what counts is their number.
    const waiting = await queue.waiting(reconciledEntries);
    const spare = waiting.length - queued.length;
    if (spare < 0) await queue.addAgain(queued.slice(spare));
    else if (queued.length < reconciledJobs) {
      const stale = await database.outbox.notQueued(waiting);
      await queue.remove(stale.slice(0, spare));
    }
  }

  async #expireSilent(heartbeatMs: number): Promise<void> {
    const heartbeats = await this.options.database.attempts.heartbeats().catch((error: unknown) => {
      this.#monitor.reset();
      throw error;
    });
    const errors: unknown[] = [];
    for (const last of this.#monitor.check(heartbeats)) {
      await this.#expire(last, (missedChecks * heartbeatMs) / 1000).catch((error: unknown) => {
        // One job that cannot be written must not hold up the others. A database that takes no writes took no
        // heartbeats either, so the attempt gets its time again.
        this.#monitor.forget(last);
        errors.push(error);
      });
    }
    if (errors.length > 0) throw errors[0];
  }

  async #expire(last: Heartbeat, silentSeconds: number): Promise<void> {
    const { database, logger } = this.options;
    const jobId = await database.attempts.expire(last, silentSeconds);
    if (jobId === null) return;
    logger.warn({ jobId }, 'worker lost: no heartbeat; the job gets its next attempt');
    this.wake();
  }
}
