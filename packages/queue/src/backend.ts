import type { AttemptKey } from '@trainyard/contracts';
import { parsePostgresUrl } from '@trainyard/process';
import {
  type BackendFactory,
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
import { isLostConnection } from './lostConnection.js';
import { type Outage, pauseAfterErrors } from './outage.js';
import { explainPostgresError, lacksConnection } from './postgresFaults.js';
import type { RedisAddress } from './redis/address.js';
import { explainRedisError } from './redis/faults.js';

/*
 * `pg` is a dependency of this package though no file imports it: BullMQ has it and `ioredis` as optional peers and
 * loads the one for the backend in use, so a package that depends on BullMQ has to install both.
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
  worker(name: string, handler: Handler, options: WorkOptions, outage: Outage): EntryWorker;
  /** The same error, or a SettingError that says what to change. */
  explain(error: Error): Error;
  /** Whether another try to open the queue can help after this error. */
  isPassing(error: unknown): boolean;
};

/** Milliseconds to wait for a connection or an answer. */
const timeoutMs = 5000;

const queueOptions: Omit<QueueOptions, 'connection'> = {
  // Postgres keeps the history. The queue forgets an entry when its handler is done, so that its id can be added again.
  defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
};

/**
 * Answers of a server that is not, or no longer, the primary. After a failover behind the same name only a new
 * connection reaches the new primary, and nothing else ends the old one. Scripts have the code within the message.
 */
const otherPrimary = /\b(READONLY|MASTERDOWN|LOADING|UNBLOCKED|NOREPLICAS)\b/;

/** @param infoAllowed whether the user may run INFO, from which BullMQ reads the server's version. */
export function redisBackend(address: RedisAddress, infoAllowed: boolean): Backend {
  const { options, prefix } = address;
  const workerConnection = {
    ...options,
    connectTimeout: timeoutMs,
    // A network may lose a connection without a word; BullMQ's longest blocking command gets its answer after 10 s.
    socketTimeout: 3 * timeoutMs,
    maxRetriesPerRequest: null,
    retryStrategy: (times: number) => Math.min(times * 100, 2000),
    reconnectOnError: (error: Error) => otherPrimary.test(error.message),
    enableReadyCheck: infoAllowed,
  };
  // While Redis is unreachable an add fails at once; by default it would wait until Redis is back.
  const queueConnection = {
    ...workerConnection,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    socketTimeout: 2 * timeoutMs,
  };
  const common = { prefix, skipVersionCheck: !infoAllowed };
  return {
    kind: 'redis',
    queue: (name) => {
      const { Queue } = withBackend(createRedisBackend);
      return new Queue<AttemptKey>(name, { ...queueOptions, ...common, connection: queueConnection });
    },
    worker: (name, handler, options, outage) => {
      const { Worker } = withBackend(watchful(createRedisBackend, outage));
      return new Worker<AttemptKey, void>(name, handler, { ...options, ...common, connection: workerConnection });
    },
    explain: (error) => explainRedisError(error, address),
    isPassing: isLostConnection,
  };
}

/** Seconds after which a worker looks for entries although it was not notified of any. */
const longestWait = 5;

/**
 * For a worker; BullMQ calls the factory once. On Postgres, after an error and after a pause, BullMQ would wait for an
 * hour for a notification, which never comes over a connection that a network has lost without a word.
 */
const watchful =
  <B extends IQueueBackend, O>(create: BackendFactory<B, O>, outage: Outage): BackendFactory<B, O> =>
  (...parameters) => {
    const backend = pauseAfterErrors(create(...parameters), outage);
    return Object.defineProperty(backend, 'maximumBlockTimeout', { value: longestWait });
  };

/**
 * Uses a schema of its own in the database: `bullmq`, or `<schema>_bullmq` where the URL names another schema than
 * public. The first process that connects creates it.
 */
export function postgresBackend(url: string): Backend {
  const { settings, schema: own } = parsePostgresUrl(url);
  const schema = own === null || own === 'public' ? 'bullmq' : `${own}_bullmq`;
  const session = [
    // BullMQ also sets it by `options`, which some poolers ignore.
    `SET search_path = "${schema.replaceAll('"', '""')}"`,
    `SET TimeZone = 'UTC'`,
    `SET statement_timeout = '${2 * timeoutMs}ms'`,
    `SET lock_timeout = '${timeoutMs}ms'`,
    `SET idle_in_transaction_session_timeout = '15s'`,
  ].join('; ');
  const connection = {
    connectionTimeoutMillis: timeoutMs,
    ...settings,
    schema,
    migrate: true,
    application_name: 'trainyard queue',
    max: 3,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    query_timeout: 2 * timeoutMs,
    onConnect: async (client: { query(statement: string): Promise<unknown> }) => {
      await client.query(session);
    },
  };
  return {
    kind: 'postgres',
    queue: (name) => {
      const { Queue } = withBackend(createPostgresBackend);
      return new Queue<AttemptKey>(name, { ...queueOptions, connection });
    },
    worker: (name, handler, options, outage) => {
      const { Worker } = withBackend(watchful(createPostgresBackend, outage));
      return new Worker<AttemptKey, void>(name, handler, { ...options, connection });
    },
    explain: (error) => explainPostgresError(error, settings, schema),
    isPassing: (error) => lacksConnection(error) || isLostConnection(error),
  };
}
