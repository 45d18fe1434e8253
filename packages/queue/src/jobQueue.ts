import { randomUUID } from 'node:crypto';
import { type AttemptKey, type Delivery, SettingError } from '@trainyard/contracts';
import { retry } from '@trainyard/process';
import { type Backend, type EntryQueue, postgresBackend, redisBackend } from './backend.js';
import { type ConsumeOptions, Consumer, type DeliveryHandler } from './consumer.js';
import { isLostConnection } from './lostConnection.js';
import { Outage, type OutageReports } from './outage.js';
import { parseRedisUrl } from './redis/address.js';
import { checkRedis } from './redis/startCheck.js';
import { redisWarnings } from './redis/warnings.js';

export type QueueConnection = Partial<OutageReports> & {
  /** null: the queue is in Postgres. */
  redisUrl: string | null;
  databaseUrl: string | null;
  /** Queues with different names share nothing. */
  name?: string;
  /** Called with the seconds that an operation took. */
  onOperation?: (operation: string, seconds: number) => void;
};

/** Without a colon, which BullMQ uses as the separator in its Redis keys. */
const entryId = ({ jobId, attempt }: AttemptKey): string => `${jobId}-${attempt}`;

const entryOf = (id: string): AttemptKey | null => {
  const [, jobId, attempt] = /^(?:[^~]*~)?(.+)-(\d+)$/.exec(id) ?? [];
  return jobId === undefined ? null : { jobId, attempt: Number(attempt) };
};

/** BullMQ runs lower numbers sooner, and 0 before all numbers. */
const entryPriority = (priority: number): number => 101 - priority;

/** Milliseconds to wait for a free connection when the queue is opened. */
const waitMs = 60_000;
/** Milliseconds to wait for the server's answer when the queue is opened. */
const openingMs = 10_000;
/** Milliseconds for which the queue counts as writable: many balancers may probe many times a second. */
const checkedMs = 1000;

/**
 * The producer: adds attempts of jobs, which wakes workers. The queue may lose everything at any time: Postgres has the
 * queued jobs, and the dispatcher adds them again.
 */
export class JobQueue {
  readonly backend: 'redis' | 'postgres';
  readonly #queue: EntryQueue;
  readonly #outage: Outage;
  #lastCheck = Number.NEGATIVE_INFINITY;

  constructor(
    readonly name: string,
    readonly server: Backend,
    /** About the server's settings, for its operator. */
    readonly warnings: string[],
    readonly reports: OutageReports,
    readonly onOperation: (operation: string, seconds: number) => void = () => {},
  ) {
    this.backend = server.kind;
    this.#outage = new Outage(reports);
    this.#queue = server.queue(name);
    this.#queue.on('error', (error) => this.#outage.failed(error));
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
   * Adds attempts, each for one consumer. An attempt that waits or is being handled is not added again.
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
    // On Postgres a bulk add goes through a table of its own, which does not pay for a single entry.
    const add = () =>
      entries.length > 1 ? this.#queue.addBulk(entries) : this.#queue.add(first.name, first.data, first.opts);
    await this.#timed('add', add);
  }

  /** Adds attempts even where an entry of that attempt is being handled: that entry may have started another job. */
  async addAgain(deliveries: Delivery[]): Promise<void> {
    for (const { jobId, attempt, priority } of deliveries) {
      const opts = { jobId: `${randomUUID()}~${entryId({ jobId, attempt })}`, priority: entryPriority(priority) };
      await this.#timed('add', () => this.#queue.add('attempt', { jobId, attempt }, opts));
    }
  }

  /** Which of the attempts wait or are being handled. */
  async has(entries: AttemptKey[]): Promise<boolean[]> {
    return Promise.all(entries.map(async (entry) => (await this.#queue.getJob(entryId(entry))) !== undefined));
  }

  /** The attempts that wait, in the order in which they will be delivered, at most `limit`. */
  async waiting(limit: number): Promise<AttemptKey[]> {
    const ids = await this.#queue.getRanges(['prioritized'], 0, limit - 1, true);
    return ids.flatMap((id) => entryOf(id) ?? []);
  }

  /** Removes attempts that wait; one that is being handled stays. */
  async remove(entries: AttemptKey[]): Promise<void> {
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
      const result = await work();
      this.#outage.succeeded();
      return result;
    } finally {
      this.onOperation(operation, (performance.now() - begin) / 1000);
    }
  }

  consume(handler: DeliveryHandler, options: ConsumeOptions): Consumer {
    return new Consumer(this.server, this.name, this.reports, handler, options);
  }

  /**
   * Writes as an add does, without adding anything; not again within a second of a success.
   *
   * @throws if an add would fail: the server is away, a replica, or full.
   */
  async checkWritable(): Promise<void> {
    if (performance.now() - this.#lastCheck < checkedMs) return;
    try {
      // A field that BullMQ does not read, in the queue's own record of settings.
      await this.#timed('check', () => this.#queue.getBackend().setQueueMeta({ checked: Date.now() }));
    } catch (error) {
      throw this.server.explain(error as Error);
    }
    this.#lastCheck = performance.now();
  }

  async close(): Promise<void> {
    this.#outage.end();
    // Forced: an orderly close would wait for a server that may be unreachable.
    await this.#queue.getBackend().close(true);
  }
}

/**
 * @throws SettingError if the server cannot be used before a setting is changed.
 * @throws if neither URL is given, or the server does not answer.
 */
export async function openQueue(connection: QueueConnection): Promise<JobQueue> {
  const { name = 'trainyard', onError = (error: Error) => process.emitWarning(error), onRecovery } = connection;
  const reports = { onError, ...(onRecovery && { onRecovery }) };
  const { backend, warnings } = await chooseBackend(connection, name, onError);
  const open = async () => {
    const queue = new JobQueue(name, backend, warnings, reports, connection.onOperation);
    try {
      await queue.waitUntilReady(openingMs);
      return queue;
    } catch (error) {
      await queue.close().catch(onError);
      throw error;
    }
  };
  const { isPassing, explain } = backend;
  const onRetry = (error: unknown) => onError(explain(error as Error));
  const limits = { firstPauseMs: 500, longestPauseMs: 5000, forMs: waitMs };
  try {
    return await retry(open, { ...limits, isTransient: isPassing, onRetry });
  } catch (error) {
    const reason = explain(error as Error);
    if (!isLostConnection(reason)) throw reason;
    const setting = backend.kind === 'redis' ? 'REDIS_URL' : 'DATABASE_URL';
    throw new SettingError(setting, `leads to a server that ends connections: ${reason.message}`, { cause: reason });
  }
}

type ChosenBackend = { backend: Backend; warnings: string[] };

async function chooseBackend(
  { redisUrl, databaseUrl }: QueueConnection,
  name: string,
  onWait: (error: Error) => void,
): Promise<ChosenBackend> {
  if (redisUrl !== null) {
    const address = parseRedisUrl(redisUrl);
    const info = await checkRedis(address, name, openingMs, onWait);
    return { backend: redisBackend(address, info !== null), warnings: redisWarnings(info, address) };
  }
  if (databaseUrl !== null) return { backend: postgresBackend(databaseUrl), warnings: [] };
  throw new Error('a queue needs the URL of a Redis or of a Postgres server');
}
