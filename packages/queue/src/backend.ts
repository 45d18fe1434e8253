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

/** What an entry of the queue carries: which attempt of which job is to be run. */
export type Entry = { jobId: string; attempt: number };

/** What we use of BullMQ's classes, without telling which store they are on. */
export type EntryQueue = Pick<Queue<Entry>, 'getJobCounts' | 'getRanges' | 'remove' | 'waitUntilReady'> & {
  add(name: string, entry: Entry, options: JobsOptions): Promise<unknown>;
  addBulk(entries: { name: string; data: Entry; opts: JobsOptions }[]): Promise<unknown>;
  getJob(id: string): Promise<unknown>;
  getBackend(): IQueueBackend;
  on(event: 'error', listener: (error: Error) => void): unknown;
};
export type EntryWorker = Pick<Worker<Entry>, 'cancelJob' | 'close'> & {
  getBackend(): IQueueBackend;
  on<E extends 'error' | 'failed' | 'lockRenewalFailed'>(event: E, listener: WorkerListener[E]): unknown;
};
type Handler = Processor<Entry, void>;
type WorkOptions = Omit<WorkerOptions, 'connection'>;

/** BullMQ on one of its two stores. Each queue and worker that it makes has connections of its own, and closes them. */
export type Backend = {
  kind: 'redis' | 'postgres';
  queue(name: string): EntryQueue;
  worker(name: string, handler: Handler, options: WorkOptions): EntryWorker;
};

/** Milliseconds after which an answer is not waited for any longer. */
const patience = 5000;

const queueOptions: Omit<QueueOptions, 'connection'> = {
  // Postgres keeps the history; the queue forgets an entry when its handler is done, so that its id can come again.
  defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
};

/** @param url `redis://[user:password@]host[:port][/database]`, or `rediss://` with TLS. */
export function redisBackend(url: string): Backend {
  const { Queue, Worker } = withBackend(createRedisBackend);
  const patient = {
    ...{ url, connectTimeout: patience, maxRetriesPerRequest: null },
    retryStrategy: (times: number) => Math.min(times * 100, 2000),
  };
  // A Redis that is away fails an add at once; by default the add would wait for as long as it is away.
  const impatient = { ...patient, enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: patience };
  return {
    kind: 'redis',
    queue: (name) => new Queue<Entry>(name, { ...queueOptions, connection: impatient }),
    worker: (name, handler, options) => new Worker<Entry, void>(name, handler, { ...options, connection: patient }),
  };
}

/** Lives in the schema `bullmq` of the database, which the first to come makes. */
export function postgresBackend(url: string): Backend {
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const connection = {
    ...{ connectionString: url, schema: 'bullmq', migrate: true, application_name: 'trainyard queue' },
    ...{ max: 3, keepAlive: true, connectionTimeoutMillis: patience, query_timeout: 2 * patience },
  };
  return {
    kind: 'postgres',
    queue: (name) => new Queue<Entry>(name, { ...queueOptions, connection }),
    worker: (name, handler, options) => new Worker<Entry, void>(name, handler, { ...options, connection }),
  };
}
