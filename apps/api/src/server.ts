import { readFileSync } from 'node:fs';
import { DiskArtifactStore } from '@trainyard/artifacts';
import { ConfigError, loadConfig, requireDatabaseUrl } from '@trainyard/config';
import { DatasetStore, RememberedDatasets } from '@trainyard/datasets';
import { openDatabase } from '@trainyard/db';
import { Loop, shutDownOnSignal } from '@trainyard/process';
import { createLogger, standardError } from '@trainyard/process/telemetry';
import { Dispatcher, openQueue } from '@trainyard/queue';
import { buildApp } from './app.js';
import { ensureFirstKey } from './credentials.js';
import { memoryOf } from './memory.js';
import { ServiceMetrics } from './metrics.js';
import { sweep } from './sweeper.js';

/**
 * The API process: owns the port, the signals and the exit code. It also runs the dispatcher, which carries queued jobs from
 * Postgres to the queue; any number of API processes may do so at once. When it is ready it says `{"ready": true, url}`,
 * to its parent process where it was forked, else as a line on standard output; the log goes to standard error.
 */

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** At a shutdown, requests in progress have this long to finish. */
const shutdownMs = 10_000;

/** Milliseconds between two sweeps. */
const sweepMs = 60 * 60 * 1000;

async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.logLevel, { process: 'api', pid: process.pid }, standardError());
  const databaseUrl = requireDatabaseUrl(config);
  const metrics = new ServiceMetrics();
  const db = await openDatabase(databaseUrl, { onQuery: metrics.query });
  metrics.watch(() => db.statistics());
  const onError = (error: Error) => logger.warn({ err: error }, 'queue error');
  const onOperation = metrics.queueOperation;
  const queue = await openQueue({ redisUrl: config.redisUrl, databaseUrl, onError, onOperation });
  for (const warning of await queue.checkServer()) logger.warn(warning);

  const dispatcher = new Dispatcher({ database: db, queue, logger });
  const artifacts = new DiskArtifactStore(config.folders.artifacts);
  const { keepEventsDays, keepCheckpointsDays } = config;
  const sweeping = { db, artifacts, keepEventsDays, keepCheckpointsDays, logger };
  const sweeper = new Loop('sweeper', sweepMs, async () => void (await sweep(sweeping)), logger);
  const app = await buildApp({
    db,
    queue,
    artifacts,
    datasets: new RememberedDatasets(new DatasetStore(config.folders.datasets)),
    memory: (training) => memoryOf(training, config.threads),
    metrics,
    wake: () => dispatcher.wake(),
    logger,
    limits: config.limits,
    keepAuditDays: config.keepAuditDays,
    version,
  });

  const shutdown = shutDownOnSignal({
    steps: [() => app.close(), () => sweeper.stop(), () => dispatcher.stop(), () => queue.close(), () => db.close()],
    deadlineMs: shutdownMs,
    secondSignal: 'force',
    logger,
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    shutdown.begin('uncaught exception', 1);
  });

  const url = await app.listen({ host: config.host, port: config.port });
  dispatcher.start();
  sweeper.start();
  const firstKey = await ensureFirstKey(db.keys, config.credentialsFile, url);
  if (firstKey === 'created') logger.info({ file: config.credentialsFile }, 'created the first API key');
  if (firstKey === 'absent') logger.warn(`no API key of this database is in ${config.credentialsFile}`);
  sayReady(url);
}

function sayReady(url: string): void {
  const message = { ready: true, url };
  if (process.send) process.send(message);
  else process.stdout.write(`${JSON.stringify(message)}\n`);
}

main().catch((error: NodeJS.ErrnoException) => {
  const isForPeople = error instanceof ConfigError || error.code === 'EADDRINUSE';
  process.stderr.write(`${isForPeople ? error.message : error.stack}\n`);
  process.exit(1);
});
