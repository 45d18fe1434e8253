import type { AttemptKey } from '@trainyard/contracts';
import {
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type JobsOptions,
  type Processor,
  type Queue,
  type QueueOptions,
  type Worker,
  type WorkerListener,
  type WorkerOptions,
  withBackend,
} from 'bullmq';

/*
 * `ioredis` and `pg` are dependencies of this package though no file imports them: BullMQ has them as optional peers
 * and loads the one for the backend in use, so a package that depends on BullMQ has to install both.
 */

/** The methods of BullMQ's classes that this package uses, whichever store is behind them. */
export type EntryQueue = Pick<Queue<AttemptKey>, 'getJobCounts' | 'getRanges' | 'remove' | 'waitUntilReady'> & {
  add(name: string, entry: AttemptKey, options: JobsOptions): Promise<unknown>;
  addBulk(entries: { name: string; data: AttemptKey; opts: JobsOptions }[]): Promise<unknown>;
  getJob(id: string): Promise<unknown>;
  getBackend(): IQueueBackend;
  on(event: 'error', listener: (error: Error) => void): unknown;
};
export type EntryWorker = Pick<Worker<AttemptKey>, 'cancelJob' | 'close' | 'pause' | 'resume'> & {
  getBackend(): IQueueBackend;
  on<E extends 'error' | 'failed' | 'lockRenewalFailed'>(event: E, listener: WorkerListener[E]): unknown;
};
type Handler = Processor<AttemptKey, void>;
type WorkOptions = Omit<WorkerOptions, 'connection'>;

/** BullMQ on one of its two stores. Each queue and worker opens its own connections, and closes them. */
export type Backend = {
  kind: 'redis' | 'postgres';
  queue(name: string): EntryQueue;
  worker(name: string, handler: Handler, options: WorkOptions): EntryWorker;
};

/** Milliseconds to wait for a connection or an answer. */
const timeoutMs = 5000;

const queueOptions: Omit<QueueOptions, 'connection'> = {
  // Postgres keeps the history. The queue forgets an entry when its handler is done, so that its id can be added again.
  defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
};

/** @param url `redis://[user:password@]host[:port][/database]`, or `rediss://` with TLS. */
export function redisBackend(url: string): Backend {
  const { Queue, Worker } = withBackend(createRedisBackend);
  const workerConnection = {
    url,
    connectTimeout: timeoutMs,
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(times * 100, 2000),
  };
  // While Redis is unreachable an add fails at once; by default it would wait until Redis is back.
  const queueConnection = {
    ...workerConnection,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
  };
  return {
    kind: 'redis',
    queue: (name) => new Queue<AttemptKey>(name, { ...queueOptions, connection: queueConnection }),
    worker: (name, handler, options) =>
      new Worker<AttemptKey, void>(name, handler, { ...options, connection: workerConnection }),
  };
}

/** Uses the schema `bullmq` of the database. The first process that connects creates it. */
export function postgresBackend(url: string): Backend {
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const connection = {
    connectionString: url,
    schema: 'bullmq',
    migrate: true,
    application_name: 'trainyard queue',
    max: 3,
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: 2 * timeoutMs,
  };
  return {
    kind: 'postgres',
    queue: (name) => new Queue<AttemptKey>(name, { ...queueOptions, connection }),
    worker: (name, handler, options) => new Worker<AttemptKey, void>(name, handler, { ...options, connection }),
  };
}
