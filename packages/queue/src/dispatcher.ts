import { type Logger, Loop } from './loop.js';
import type { Delivery, JobQueue } from './queue.js';
import { type Heartbeat, SilenceWatch } from './silence.js';

/** What the dispatcher needs of the database. */
export type DispatcherDatabase = {
  outbox: {
    /** Hands the oldest rows of the outbox to `publish`, deletes them if that succeeds, and says how many there were. */
    take(limit: number, publish: (deliveries: Delivery[]) => Promise<void>): Promise<number>;
    /** The jobs that wait for a worker, in the order in which they should start. */
    queued(limit: number): Promise<Delivery[]>;
    /** Those of the attempts that no queued job waits for. */
    notQueued<T extends Pick<Delivery, 'jobId' | 'attempt'>>(attempts: T[]): Promise<T[]>;
  };
  attempts: {
    /** Of every attempt that runs. */
    heartbeats(): Promise<Heartbeat[]>;
    /** Ends an attempt whose worker is lost, unless another heartbeat has come; gives its job's id, or null. */
    expire(last: Heartbeat, silentSeconds: number): Promise<string | null>;
  };
};

export type DispatcherOptions = {
  database: DispatcherDatabase;
  queue: Pick<JobQueue, 'add' | 'waiting' | 'remove'>;
  logger: Logger;
  /** Milliseconds between turns of the relay, of the reconciler and of the look at heartbeats. */
  relayMs?: number;
  reconcileMs?: number;
  heartbeatMs?: number;
};

const outboxBatch = 100;
/** At each turn the first of the queue are made sure of; those behind them follow as they move up. */
const reconciledJobs = 100;
const reconciledEntries = 1000;
/** How many looks in a row must find no new heartbeat; at 2 s a look, a worker is lost after 10 s. */
const silentLooks = 5;

/**
 * Keeps the queue in step with the database. The relay carries the outbox into the queue, at once when woken. The
 * reconciler adds queued jobs again, should the queue have lost them, and removes entries that no job waits for. The watch
 * ends attempts of workers that have fallen silent. Any number of processes may run one: everything that it does may be
 * done twice.
 */
export class Dispatcher {
  readonly #loops: Loop[];
  readonly #relay: Loop;
  readonly #silence = new SilenceWatch(silentLooks);

  constructor(private readonly options: DispatcherOptions) {
    const { logger, relayMs = 500, reconcileMs = 5000, heartbeatMs = 2000 } = options;
    this.#relay = new Loop('outbox relay', relayMs, () => this.#publish(), logger);
    this.#loops = [
      this.#relay,
      new Loop('reconciler', reconcileMs, () => this.#reconcile(), logger),
      new Loop('watch over workers', heartbeatMs, () => this.#watch(heartbeatMs), logger),
    ];
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  /** Something was put into the outbox. */
  wake(): void {
    this.#relay.wake();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  async #publish(): Promise<void> {
    const { database, queue } = this.options;
    const publish = (deliveries: Delivery[]) => queue.add(deliveries);
    while ((await database.outbox.take(outboxBatch, publish)) === outboxBatch);
  }

  async #reconcile(): Promise<void> {
    const { database, queue } = this.options;
    await queue.add(await database.outbox.queued(reconciledJobs));
    await queue.remove(await database.outbox.notQueued(await queue.waiting(reconciledEntries)));
  }

  async #watch(heartbeatMs: number): Promise<void> {
    const { database, logger } = this.options;
    try {
      for (const last of this.#silence.look(await database.attempts.heartbeats())) {
        const jobId = await database.attempts.expire(last, (silentLooks * heartbeatMs) / 1000);
        if (jobId === null) continue;
        logger.warn({ jobId }, 'its worker fell silent');
        this.wake();
      }
    } catch (error) {
      this.#silence.forget();
      throw error;
    }
  }
}
