import { type Backend, type Entry, type EntryQueue, postgresBackend, redisBackend } from './backend.js';
import { type ConsumeOptions, Consumer, type DeliveryHandler } from './consumer.js';
import { redisWarnings } from './serverWarnings.js';

/** An attempt of a job that is to be run. Higher priorities (-100 to 100) run sooner. */
export type Delivery = { jobId: string; attempt: number; priority: number };

export type QueueConnection = {
  /** null: the queue lives in Postgres. */
  redisUrl: string | null;
  databaseUrl: string | null;
  /** Queues of different names know nothing of each other. */
  name?: string;
  /** Told of troubles that mend themselves, like a lost connection. */
  onError?: (error: Error) => void;
  /** Called with the seconds that an operation took. */
  onOperation?: (operation: string, seconds: number) => void;
};

/** No colon: BullMQ parts its keys on Redis by it. */
const entryId = ({ jobId, attempt }: Entry): string => `${jobId}-${attempt}`;

const entryOf = (id: string): Entry | null => {
  const [, jobId, attempt] = /^(.+)-(\d+)$/.exec(id) ?? [];
  return jobId === undefined ? null : { jobId, attempt: Number(attempt) };
};

/** BullMQ runs lower numbers sooner, and 0 before all numbers. */
const entryPriority = (priority: number): number => 101 - priority;

/** Milliseconds that a server gets to answer when the queue is opened. */
const openingMs = 10_000;

/**
 * Wakes workers for attempts of jobs. It may lose everything at any time: Postgres knows which jobs are queued, and the
 * dispatcher adds them again.
 */
export class JobQueue {
  readonly backend: 'redis' | 'postgres';
  readonly #queue: EntryQueue;

  constructor(
    readonly name: string,
    readonly store: Backend,
    readonly onError: (error: Error) => void,
    readonly onOperation: (operation: string, seconds: number) => void = () => {},
  ) {
    this.backend = store.kind;
    this.#queue = store.queue(name);
    this.#queue.on('error', onError);
  }

  /** @throws if the server does not answer within `timeoutMs`. */
  async waitUntilReady(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise((_, reject) => {
      const error = new Error(`the queue's server (${this.backend}) did not answer within ${timeoutMs / 1000} s`);
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    await Promise.race([this.#queue.waitUntilReady(), timeout]).finally(() => clearTimeout(timer));
  }

  /**
   * Has each attempt delivered to one consumer. An attempt that waits or is being handled is not added again.
   *
   * @throws within seconds if the queue's server does not answer.
   */
  async add(deliveries: Delivery[]): Promise<void> {
    const entries = deliveries.map(({ jobId, attempt, priority }) => ({
      name: 'attempt',
      data: { jobId, attempt },
      opts: { jobId: entryId({ jobId, attempt }), priority: entryPriority(priority) },
    }));
    const [first] = entries;
    if (!first) return;
    // In Postgres a bulk goes through a table of its own, which a single entry is not worth.
    const add = () =>
      entries.length > 1 ? this.#queue.addBulk(entries) : this.#queue.add(first.name, first.data, first.opts);
    await this.#timed('add', add);
  }

  /** Which of the attempts wait or are being handled. */
  async has(entries: Entry[]): Promise<boolean[]> {
    return Promise.all(entries.map(async (entry) => (await this.#queue.getJob(entryId(entry))) !== undefined));
  }

  /** The attempts that wait, the next first, at most `limit`. */
  async waiting(limit: number): Promise<Entry[]> {
    const ids = await this.#queue.getRanges(['prioritized'], 0, limit - 1, true);
    return ids.flatMap((id) => entryOf(id) ?? []);
  }

  /** Takes back attempts that wait; one that is being handled stays. */
  async remove(entries: Entry[]): Promise<void> {
    for (const entry of entries) await this.#queue.remove(entryId(entry));
  }

  async counts(): Promise<{ waiting: number; active: number }> {
    const counts = await this.#timed('counts', () => this.#queue.getJobCounts('waiting', 'prioritized', 'active'));
    const { waiting = 0, prioritized = 0, active = 0 } = counts;
    return { waiting: waiting + prioritized, active };
  }

  async #timed<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      this.onOperation(operation, (performance.now() - begin) / 1000);
    }
  }

  consume(handler: DeliveryHandler, options: ConsumeOptions): Consumer {
    return new Consumer(this.store, this.name, this.onError, handler, options);
  }

  /** What an operator should change about the queue's server. */
  async checkServer(): Promise<string[]> {
    return this.backend === 'redis' ? redisWarnings(this.#queue) : [];
  }

  async close(): Promise<void> {
    // Forced: a polite end would ask a server that may be away.
    await this.#queue.getBackend().close(true);
  }
}

/** @throws if neither server is named, or the one that is does not answer. */
export async function openQueue(connection: QueueConnection): Promise<JobQueue> {
  const { name = 'trainyard', onError = (error: Error) => process.emitWarning(error) } = connection;
  const queue = new JobQueue(name, chooseBackend(connection), onError, connection.onOperation);
  try {
    await queue.waitUntilReady(openingMs);
    return queue;
  } catch (error) {
    await queue.close().catch(onError);
    throw error;
  }
}

function chooseBackend({ redisUrl, databaseUrl }: QueueConnection): Backend {
  if (redisUrl !== null) return redisBackend(redisUrl);
  if (databaseUrl !== null) return postgresBackend(databaseUrl);
  throw new Error('a queue needs the URL of a Redis or of a Postgres server');
}
