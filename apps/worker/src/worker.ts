import { hostname } from 'node:os';
import type { ExecutorInfo } from '@trainyard/contracts';
import type { Consumer, JobQueue } from '@trainyard/queue';
import { Heartbeat } from './heartbeat.js';
import { type Delivery, runAttempt } from './runAttempt.js';
import type { Yard } from './yard.js';

const heartbeatMs = 2000;

/** Takes one job at a time from the queue until it is stopped. It never computes: its trainers do. */
export class Worker {
  readonly #shutdown = new AbortController();
  readonly #heart: Heartbeat;
  readonly #consumer: Consumer;
  #current: Delivery | null = null;
  /** What the last trainer computed with; before the first, what the worker was told. */
  #executor: ExecutorInfo | null = null;
  private readonly yard: Yard;

  constructor(yard: Omit<Yard, 'onExecutor'>, queue: JobQueue) {
    this.yard = { ...yard, onExecutor: (info) => (this.#executor = info) };
    yard.trainers.warmUp();
    this.#heart = new Heartbeat(heartbeatMs, yard.logger, () => this.#beat());
    this.#consumer = queue.consume((delivery, lock) => this.#take(delivery, lock), { concurrency: 1 });
  }

  /** Suspends the job under way, hands it back, takes no other. */
  async stop(): Promise<void> {
    this.#shutdown.abort();
    await this.#consumer.close();
    await this.#heart.stop();
    await this.yard.trainers.close();
    await this.yard.database.workers.remove(this.yard.workerId);
  }

  async #take(delivery: Delivery, lock: AbortSignal): Promise<void> {
    if (this.#shutdown.signal.aborted) return;
    const { logger } = this.yard;
    // The token in the database decides whose the job is; an emptied queue must not end a training that goes well.
    lock.addEventListener('abort', () => logger.warn(delivery, 'the queue no longer knows this delivery'));
    this.#current = delivery;
    try {
      await runAttempt(this.yard, delivery, this.#shutdown.signal);
    } catch (error) {
      logger.error({ err: error, ...delivery }, 'the delivery could not be worked on');
    } finally {
      this.#current = null;
    }
  }

  async #beat(): Promise<void> {
    const { yard } = this;
    await yard.database.workers.heartbeat({
      id: yard.workerId,
      hostname: hostname(),
      pid: process.pid,
      jobId: this.#current?.jobId ?? null,
      attempt: this.#current?.attempt ?? null,
      executor: this.#executor?.name ?? yard.executor,
      device: this.#executor?.device ?? yard.device,
    });
  }
}
