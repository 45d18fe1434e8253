import { DiskArtifactStore } from '@trainyard/artifacts';
import { ConfigError, loadConfig, requireDatabaseUrl } from '@trainyard/config';
import { TrainyardError } from '@trainyard/contracts';
import { DatasetStores } from '@trainyard/datasets';
import { newId, openDatabase } from '@trainyard/db';
import { maskSecrets, shutDownOnSignal } from '@trainyard/process';
import { createLogger } from '@trainyard/process/telemetry';
import { openQueue } from '@trainyard/queue';
import { WarmTrainer } from './supervision/warmTrainer.js';
import { Worker } from './worker.js';
import { WorkerMetrics } from './workerMetrics.js';

/** The worker process: at SIGTERM it hands its jobs back and exits with 0 within 15 seconds. */

/** A database that hangs must not keep the process: the job's next attempt then starts after missed heartbeats. */
const shutdownMs = 14_000;
/** Short, for a worker's statements are: behind a network that loses connections, it needs new ones soon. */
const statementSeconds = 10;

/** At a start, for a Postgres that is away or has no connection left. */
const waitSeconds = 60;

async function main(): Promise<void> {
  const config = loadConfig();
  const databaseUrl = requireDatabaseUrl(config);
  const { trainers: shares } = config;
  const logger = createLogger(config.logLevel, { process: 'worker' });

  const metrics = new WorkerMetrics();
  const poolSize = config.databaseConnections ?? 2 + 2 * shares;
  const onQuery = metrics.query;
  const database = await openDatabase(databaseUrl, { poolSize, onQuery, statementSeconds, waitSeconds, logger });
  const onError = (error: Error) => logger.warn({ err: error }, 'queue error; retrying');
  const onRecovery = () => logger.info('the queue works again');
  const queue = await openQueue({ redisUrl: config.redisUrl, databaseUrl: database.url, onError, onRecovery });
  for (const warning of queue.warnings) logger.warn(warning);

  const threads = Math.max(1, Math.floor(config.threads / shares));
  const workers = Array.from({ length: shares }, () => {
    const workerId = newId('wrk');
    const context = {
      workerId,
      database,
      artifacts: new DiskArtifactStore(config.folders.artifacts),
      datasets: new DatasetStores(config.folders.datasets),
      trainers: new WarmTrainer({ threads, shares }),
      executor: config.executor,
      device: config.device,
      shares,
      costPerHour: config.costPerHour === null ? null : config.costPerHour / shares,
      metrics,
      logger: logger.child({ workerId }),
    };
    return new Worker(context, queue);
  });
  const metricsServer = config.workerMetricsPort === null ? null : await metrics.serve(config.workerMetricsPort);
  logger.info({ pid: process.pid, threads, trainers: shares }, 'the worker waits for jobs');
  // For a supervisor that has forked this process.
  process.send?.({ ready: true });

  shutDownOnSignal({
    steps: [
      async () => {
        metricsServer?.close();
        metricsServer?.closeAllConnections();
      },
      async () => void (await Promise.all(workers.map((worker) => worker.stop()))),
      () => queue.close(),
      () => database.close(),
    ],
    deadlineMs: shutdownMs,
    secondSignal: 'ignore',
    logger,
  });
}

main().catch((error: Error) => {
  const isForOperator = error instanceof ConfigError || error instanceof TrainyardError;
  process.stderr.write(`${isForOperator ? error.message : maskSecrets(error.stack ?? error.message)}\n`);
  process.exit(1);
});
