import { createServer, type Server } from 'node:http';
import { type CheckpointManifest, type EpochMetrics, type JobSpec, listenFault } from '@trainyard/contracts';
import { createRegistry } from '@trainyard/process/telemetry';
import { Counter, Gauge, Histogram } from 'prom-client';

/**
 * How an attempt ended on this worker: its outcome in the database; `stale` where another attempt owns the job;
 * `given_up` where the outcome could not be recorded.
 */
export type AttemptEnd = 'succeeded' | 'failed' | 'cancelled' | 'handed_back' | 'stale' | 'given_up';

/** The metrics of a worker for Prometheus. */
export class WorkerMetrics {
  readonly registry = createRegistry();
  private readonly common = { registers: [this.registry] };
  private readonly waits = new Histogram({
    name: 'trainyard_queue_wait_seconds',
    help: 'Time that a job waited for this worker, from when it was queued',
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 24 * 3600],
    ...this.common,
  });
  private readonly ends = new Counter({
    name: 'trainyard_attempts_total',
    help: 'Attempts that ended, by outcome and by code of their failure',
    labelNames: ['outcome', 'code'],
    ...this.common,
  });
  private readonly steps = new Histogram({
    name: 'trainyard_step_seconds',
    help: 'Mean time of a training step, observed once per epoch',
    buckets: [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    ...this.common,
  });
  private readonly rate = new Gauge({
    name: 'trainyard_images_per_second',
    help: 'Training images per second of all jobs of the process; 0 while no job trains',
    ...this.common,
  });
  /** By worker. */
  private readonly rates = new Map<string, number>();
  private readonly trained = new Counter({
    name: 'trainyard_training_seconds_total',
    help: 'Time spent in training, without validation and test',
    ...this.common,
  });
  private readonly checkpoints = new Histogram({
    name: 'trainyard_checkpoint_seconds',
    help: 'Time to move a checkpoint into the store and to write its row',
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
    ...this.common,
  });
  private readonly checkpointBytes = new Counter({
    name: 'trainyard_checkpoint_bytes_total',
    help: 'Bytes of stored checkpoints',
    ...this.common,
  });
  private readonly queries = new Histogram({
    name: 'trainyard_db_query_seconds',
    help: 'Time of a Postgres statement',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    ...this.common,
  });

  opened(queuedSeconds: number): void {
    this.waits.observe(queuedSeconds);
  }

  ended(outcome: AttemptEnd, code = ''): void {
    this.ends.inc({ outcome, code });
  }

  progress(workerId: string, imagesPerSecond: number): void {
    this.rates.set(workerId, imagesPerSecond);
    this.rate.set([...this.rates.values()].reduce((sum, each) => sum + each, 0));
  }

  /** The worker trains no job. */
  idle(workerId: string): void {
    this.progress(workerId, 0);
  }

  epoch({ imagesPerSecond, trainSeconds }: EpochMetrics, { batchSize }: Pick<JobSpec, 'batchSize'>): void {
    this.trained.inc(trainSeconds);
    if (imagesPerSecond > 0) this.steps.observe(batchSize / imagesPerSecond);
  }

  checkpoint({ files }: CheckpointManifest, seconds: number): void {
    this.checkpoints.observe(seconds);
    this.checkpointBytes.inc(files.reduce((sum, { bytes }) => sum + bytes, 0));
  }

  readonly query = (seconds: number): void => this.queries.observe(seconds);

  /** Serves GET /metrics on the loopback, without authentication: a worker knows no API keys. */
  async serve(port: number): Promise<Server> {
    const server = createServer(async (request, response) => {
      if (request.url !== '/metrics') return response.writeHead(404).end();
      const text = await this.registry.metrics();
      return response.writeHead(200, { 'content-type': this.registry.contentType }).end(text);
    });
    await new Promise<void>((resolve, reject) => {
      const address = { host: '127.0.0.1', port, portSetting: 'TRAINYARD_WORKER_METRICS_PORT' };
      server.once('error', (error) => reject(listenFault(error, address) ?? error));
      server.listen(port, address.host, resolve);
    });
    return server;
  }
}
