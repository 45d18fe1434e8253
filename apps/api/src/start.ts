import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DiskArtifactStore } from '@trainyard/artifacts';
import { type Config, ConfigError, loadConfig, requireDatabaseUrl } from '@trainyard/config';
import { listenFault, TrainyardError } from '@trainyard/contracts';
import { DatasetStores } from '@trainyard/datasets';
import { openDatabase } from '@trainyard/db';
import { Loop, maskSecrets, shutDownOnSignal } from '@trainyard/process';
import { createLogger, standardError } from '@trainyard/process/telemetry';
import { Dispatcher, openQueue } from '@trainyard/queue';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { buildApp } from './app.js';
import { batchRunner } from './batch/batchRunner.js';
import { importRunner } from './importer/importRunner.js';
import { BatchFiles } from './services/batches/batchFiles.js';
import { DatasetQuota } from './services/datasetQuota.js';
import { ensureFirstKey } from './services/firstKey.js';
import { Predictions } from './services/predict/predictions.js';
import { ServiceMetrics } from './services/serviceMetrics.js';
import { sweep } from './services/sweeper.js';
import { trainerMemory } from './services/trainerMemory.js';
import { Uploads } from './services/uploads.js';
import { Verifier } from './services/verify/verifier.js';
import { WebhookSender } from './webhooks/webhookSender.js';

/**
 * The API process: owns the port, the signals and the exit code. It also runs the dispatcher, which adds queued jobs
 * from Postgres to the queue, the hourly sweeper, and imports of datasets; any number of API processes may do so at the
 * same time. When it is ready it sends `{"ready": true, url}` to the process that forked it, or else prints it as a
 * line on standard output. The log goes to standard error.
 */

/** At a shutdown, requests in progress have this long to finish. */
const shutdownMs = 10_000;
/** At a start, for a Postgres that is away or has no connection left. */
const waitSeconds = 60;
const sweepIntervalMs = 60 * 60 * 1000;

const readVersion = (): string =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')))
    .version;

/** What `npm run build` makes of apps/web; null where it is not there, as in the package of the command line. */
function dashboardFolder(): string | null {
  const folder = fileURLToPath(new URL('../../web/dist/site', import.meta.url));
  return existsSync(join(folder, 'index.html')) ? folder : null;
}

/** A connection that the network has lost is noticed this much later, and queued jobs wait until then. */
const statementSeconds = 20;

type Logger = ReturnType<typeof createLogger>;
type Services = Awaited<ReturnType<typeof openServices>>;

/** Connects to Postgres, the queue and the stores; starts nothing. */
async function openServices(config: Config, logger: Logger) {
  const databaseUrl = requireDatabaseUrl(config);
  const metrics = new ServiceMetrics();
  const poolSize = config.databaseConnections ?? 10;
  const options = { poolSize, onQuery: metrics.observeQuery, waitSeconds, statementSeconds, logger };
  const db = await openDatabase(databaseUrl, options);
  metrics.exposeStatistics(() => db.statistics());
  const queue = await openQueue({
    redisUrl: config.redisUrl,
    databaseUrl: db.url,
    onError: (error) => logger.warn({ err: error }, 'queue error; retrying'),
    onRecovery: () => logger.info('the queue works again'),
    onOperation: metrics.observeQueueOperation,
  });
  for (const warning of queue.warnings) logger.warn(warning);
  const artifacts = new DiskArtifactStore(config.folders.artifacts);
  const { keepEventsDays, keepCheckpointsDays, allowPrivateUrls } = config;
  const root = config.folders.datasets;
  const datasets = new DatasetStores(root);
  const uploads = new Uploads(join(root, '.uploads'));
  const batchFiles = new BatchFiles(join(root, '.predictions'));
  const quota = new DatasetQuota(config.datasetBytes, datasets, uploads, db.batches);
  const sweepAll = async () => {
    await sweep(sweepOptions);
    await uploads.expire((project) => db.project(project).imports.filesInUse());
    await batchFiles.sweep(db.batches);
  };
  const sweepOptions = { db, artifacts, keepEventsDays, keepCheckpointsDays, logger };
  return {
    db,
    queue,
    artifacts,
    datasets,
    predictions: new Predictions(artifacts, config.predict),
    verifier: new Verifier(artifacts, logger),
    uploads,
    quota,
    imports: importRunner({ db, root, uploads, quota, allowPrivateUrls, logger }),
    batchFiles,
    batches: batchRunner({
      db,
      artifacts: config.folders.artifacts,
      datasets: root,
      uploads,
      quota,
      files: batchFiles,
      limits: config.predict,
      logger,
    }),
    webhooks: new WebhookSender({ db, allowPrivate: privateWebhooks(config), logger }),
    metrics,
    dispatcher: new Dispatcher({ database: db, queue, logger }),
    sweeper: new Loop('sweeper', sweepIntervalMs, sweepAll, logger),
  };
}

/** As `OutgoingOptions` has it. */
const privateWebhooks = ({ allowPrivateUrls, privateUrls }: Config) => allowPrivateUrls || privateUrls;

const appOf = (
  config: Config,
  services: Services,
  logger: Logger,
  when: { started: Promise<unknown>; stopping: AbortSignal },
): Promise<FastifyInstance> => {
  const { db, queue, artifacts, datasets, predictions, verifier, uploads, batchFiles, quota, metrics } = services;
  const { dispatcher } = services;
  return buildApp({
    db,
    queue,
    artifacts,
    datasets,
    predictions,
    verifier,
    uploads,
    batchFiles,
    datasetQuota: quota,
    allowPrivateUrls: config.allowPrivateUrls,
    privateWebhooks: privateWebhooks(config),
    metrics,
    memory: (training) => trainerMemory(training, config.threads),
    wake: () => dispatcher.wake(),
    addFailure: () => dispatcher.addFailure,
    logger,
    limits: config.limits,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    corsOrigins: config.corsOrigins,
    publicDocs: config.publicDocs,
    keepAuditDays: config.keepAuditDays,
    version: readVersion(),
    site: dashboardFolder(),
    ...when,
  });
};

/**
 * Stops everything in order: first what accepts work, last the connections that the others use. Before that, the
 * process serves on for some seconds and is not ready, so that a balancer sends it no more requests.
 */
function stopOnSignal(
  app: FastifyInstance,
  services: Services,
  { stopping, drainMs }: { stopping: AbortController; drainMs: number },
  logger: Logger,
): void {
  const { verifier, sweeper, imports, batches, webhooks, dispatcher, queue, db } = services;
  const shutdown = shutDownOnSignal({
    steps: [
      async () => stopping.abort(),
      () => sleep(drainMs),
      () => app.close(),
      () => verifier.close(),
      () => Promise.all([imports.stop(), batches.stop()]),
      () => webhooks.stop(),
      () => sweeper.stop(),
      () => dispatcher.stop(),
      () => queue.close(),
      () => db.close(),
    ],
    deadlineMs: drainMs + shutdownMs,
    secondSignal: 'force',
    logger,
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    shutdown.begin('uncaught exception', 1);
  });
}

function announceReady(url: string): void {
  const message = { ready: true, url };
  if (process.send) process.send(message);
  else process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.logLevel, { process: 'api', pid: process.pid }, standardError());
  const services = await openServices(config, logger);
  // The first key is stored with the address, which is known when the server listens: requests wait for it.
  let start = () => {};
  const started = new Promise<void>((resolve) => {
    start = resolve;
  });
  const stopping = new AbortController();
  const app = await appOf(config, services, logger, { started, stopping: stopping.signal });
  // The parent of a forked process is its only balancer.
  const drainMs = process.send ? 0 : config.drainSeconds * 1000;
  stopOnSignal(app, services, { stopping, drainMs }, logger);

  const url = await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
    throw listenFault(error, config) ?? error;
  });
  services.dispatcher.start();
  services.sweeper.start();
  services.imports.start();
  services.batches.start();
  services.webhooks.start();
  const firstKey = await ensureFirstKey(services.db.keys, config.credentialsFile, url);
  if (firstKey === 'created') logger.info({ file: config.credentialsFile }, 'created the first API key');
  if (firstKey === 'absent') logger.warn(`no API key of this database is in ${config.credentialsFile}`);
  start();
  announceReady(url);
}

main().catch((error: Error) => {
  const isForOperator = error instanceof ConfigError || error instanceof TrainyardError;
  process.stderr.write(`${isForOperator ? error.message : maskSecrets(error.stack ?? error.message)}\n`);
  process.exit(1);
});
