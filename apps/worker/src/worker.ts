import { hostname } from 'node:os';
import type { AttemptKey, ExecutorInfo } from '@trainyard/contracts';
import { Loop, usableMemory } from '@trainyard/process';
import type { Consumer, JobQueue } from '@trainyard/queue';
import { runAttempt } from './attempt/runAttempt.js';
import { Intake } from './intake.js';
import { folderFault, type WorkerContext } from './workerContext.js';

const heartbeatMs = 2000;

/**
 * Takes one job at a time from the queue until it is stopped. This process never computes, so that its heartbeats are
 * never late: its trainer child does. A process that trains several jobs at once has several workers, each with
 * heartbeats, attempts and a trainer of its own.
 */
export class Worker {
  readonly #shutdown = new AbortController();
  readonly #heartbeat: Loop;
  readonly #consumer: Consumer;
  readonly #intake: Intake;
  readonly #context: WorkerContext;
  #current: AttemptKey | null = null;
  /** Counts the attempts that this worker began to open. */
  #openings = 0;
  #isOpening = false;
  /** What the last trainer computed with; null before the first. */
  #executor: ExecutorInfo | null = null;

  constructor(context: Omit<WorkerContext, 'onExecutor'>, queue: JobQueue) {
    this.#context = {
      ...context,
      onExecutor: (info) => {
        this.#executor = info;
      },
    };
    context.trainers.warmUp();
    this.#intake = new Intake(() => folderFault(context), context.logger);
    this.#heartbeat = new Loop('worker heartbeat', heartbeatMs, () => this.#beat(), context.logger);
    this.#heartbeat.start();
    this.#consumer = queue.consume((delivery, lost) => this.#handle(delivery, lost), { concurrency: 1 });
    this.#intake.start(this.#consumer);
  }

  /** Suspends the running job, hands it back and takes no other. */
  async stop(): Promise<void> {
    this.#shutdown.abort();
    await this.#intake.stop();
    await this.#consumer.close();
    await this.#heartbeat.stop();
    await this.#context.trainers.close();
    await this.#context.database.workers.remove(this.#context.workerId);
  }

  async #handle(delivery: AttemptKey, lost: AbortSignal): Promise<void> {
    if (this.#shutdown.signal.aborted) return;
    const { logger } = this.#context;
    // Another worker gets the job; while there is none, the dispatcher delivers it again and again.
    if (!(await this.#intake.mayTake())) return;
    // Only the token in the database decides who owns the job: an emptied queue must not end a training that goes well.
    lost.addEventListener('abort', () =>
      logger.warn(delivery, 'the queue has lost this delivery; the attempt goes on'),
    );
    const onOpened = (opened: AttemptKey) => {
      this.#current = opened;
      this.#isOpening = false;
    };
    try {
      this.#openings++;
      this.#isOpening = true;
      const { workerFailed } = await runAttempt(this.#context, onOpened, this.#shutdown.signal);
      // Before this delivery ends: the next one is fetched right after.
      if (workerFailed) await this.#intake.rest();
    } catch (error) {
      logger.error({ err: error }, 'could not open an attempt');
    } finally {
      this.#context.metrics.idle(this.#context.workerId);
      this.#current = null;
      this.#isOpening = false;
    }
  }

  async #beat(): Promise<void> {
    const { database, workerId, executor, device, shares } = this.#context;
    await database.workers.heartbeat({
      id: workerId,
      hostname: hostname(),
      pid: process.pid,
      jobId: this.#current?.jobId ?? null,
      attempt: this.#current?.attempt ?? null,
      memoryBytes: usableMemory(shares),
      fault: this.#intake.reason,
      executor: this.#executor?.name ?? executor,
      device: this.#executor?.device ?? device,
    });
    await this.#endAbandoned();
  }

  /**
   * After a failover that lost how an attempt ended, or a reply to an opening that never came, the database waits for
   * a worker that has moved on. Only the worker can know, so that its jobs need not wait for missed heartbeats.
   */
  async #endAbandoned(): Promise<void> {
    if (this.#isOpening) return;
    const { database, workerId, logger } = this.#context;
    const running = this.#current;
    const openings = this.#openings;
    const attempts = await database.attempts.ofWorker(workerId);
    if (this.#openings !== openings) return;
    for (const { token, jobId, attempt } of attempts) {
      if (jobId === running?.jobId && attempt === running.attempt) continue;
      const isEnded = await database.attempts.endAbandoned(token);
      if (isEnded) logger.warn({ jobId, attempt }, 'the database has lost how this attempt ended; the next follows');
    }
  }
}
