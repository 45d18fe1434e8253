import { type Logger, Loop } from './loop.js';
import type { Delivery } from './queue.js';

export type DispatcherOptions = {
  /** Hands the oldest rows of the outbox to `publish`, deletes them if that succeeds, and says how many there were. */
  takeOutbox: (limit: number, publish: (deliveries: Delivery[]) => Promise<void>) => Promise<number>;
  /** The jobs that wait for a worker, in the order in which they should start. */
  queuedJobs: (limit: number) => Promise<Delivery[]>;
  /** Ends attempts whose workers have been silent for so long, and gives the ids of their jobs. */
  expireLost: (olderThanSeconds: number) => Promise<string[]>;
  /** Adds to the queue; what is in it already is not added again. */
  add: (delivery: Delivery) => Promise<void>;
  logger: Logger;
  /** Milliseconds between turns of the relay and of the reconciler. */
  relayMs?: number;
  reconcileMs?: number;
  /** Seconds of silence after which a worker is taken for lost. */
  lostAfterSeconds?: number;
};

const outboxBatch = 100;
/** At each turn the first of the queue are made sure of; those behind them follow as they move up. */
const reconciledJobs = 100;

/**
 * Keeps the queue in step with the database. The relay carries the outbox into the queue, at once when woken. The
 * reconciler adds queued jobs again, should the queue have lost them, and ends attempts of workers that have fallen
 * silent. Any number of processes may run one: everything that it does may be done twice.
 */
export class Dispatcher {
  readonly #relay: Loop;
  readonly #reconciler: Loop;

  constructor(options: DispatcherOptions) {
    const { logger, relayMs = 500, reconcileMs = 5000, lostAfterSeconds = 10 } = options;
    this.#relay = new Loop('outbox relay', relayMs, () => relay(options), logger);
    this.#reconciler = new Loop('reconciler', reconcileMs, () => this.#reconcile(options, lostAfterSeconds), logger);
  }

  start(): void {
    this.#relay.start();
    this.#reconciler.start();
  }

  /** Something was put into the outbox. */
  wake(): void {
    this.#relay.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#relay.stop(), this.#reconciler.stop()]);
  }

  async #reconcile(
    { expireLost, queuedJobs, add, logger }: DispatcherOptions,
    lostAfterSeconds: number,
  ): Promise<void> {
    const lost = await expireLost(lostAfterSeconds);
    if (lost.length) logger.warn({ jobs: lost }, 'their workers fell silent');
    for (const delivery of await queuedJobs(reconciledJobs)) await add(delivery);
    if (lost.length) this.wake();
  }
}

async function relay({ takeOutbox, add }: DispatcherOptions): Promise<void> {
  const publish = async (deliveries: Delivery[]) => {
    for (const delivery of deliveries) await add(delivery);
  };
  while ((await takeOutbox(outboxBatch, publish)) === outboxBatch);
}
