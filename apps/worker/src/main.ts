import { DiskArtifactStore } from '@trainyard/artifacts';
import { loadConfig, requireDatabaseUrl } from '@trainyard/config';
import { DatasetStore } from '@trainyard/datasets';
import { newId, openDatabase } from '@trainyard/db';
import { openQueue } from '@trainyard/queue';
import pino from 'pino';
import { WorkerMetrics } from './metrics.js';
import { WarmTrainer } from './warmTrainer.js';
import { Worker } from './worker.js';

/** The worker process: SIGTERM hands the job back and ends with 0 within 15 seconds. */

const config = loadConfig();
const databaseUrl = requireDatabaseUrl(config);
const workerId = newId('wrk');
const logger = pino({ level: config.logLevel, base: { process: 'worker', workerId } });

const metrics = new WorkerMetrics();
const database = await openDatabase(databaseUrl, { poolSize: 4, onQuery: metrics.query });
const onError = (error: Error) => logger.warn({ err: error }, 'the queue has trouble');
const queue = await openQueue({ redisUrl: config.redisUrl, databaseUrl, onError });
for (const warning of await queue.checkServer()) logger.warn(warning);

const worker = new Worker(
  {
    workerId,
    database,
    artifacts: new DiskArtifactStore(config.folders.artifacts),
    datasets: new DatasetStore(config.folders.datasets),
    trainers: new WarmTrainer({ threads: config.threads }),
    executor: config.executor,
    device: config.device,
    metrics,
    logger,
  },
  queue,
);
const metricsServer = config.workerMetricsPort === null ? null : await metrics.serve(config.workerMetricsPort);
logger.info({ pid: process.pid, threads: config.threads }, 'the worker waits for jobs');
// Word for a supervisor that has forked this process.
process.send?.({ ready: true });

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
// Its supervisor is gone, and nobody else would ever stop it.
process.on('disconnect', () => stop('disconnect'));

function stop(reason: string): void {
  if (stopping) return;
  stopping = true;
  void close(reason);
}

async function close(reason: string): Promise<void> {
  logger.info({ reason }, 'the worker stops');
  // A database that hangs must not keep the process; the job's next attempt then starts when its heartbeats are missed.
  setTimeout(() => process.exit(1), 14_000).unref();
  metricsServer?.close();
  metricsServer?.closeAllConnections();
  // One after the other, each also where the one before could not be closed in order, as its server is gone.
  for (const close of [() => worker.stop(), () => queue.close(), () => database.close()]) {
    await close().catch((error: unknown) => logger.warn({ err: error }, 'closing failed'));
  }
  process.exit(0);
}
