import type { Statistics } from '@trainyard/db';
import { createRegistry } from '@trainyard/process/telemetry';
import { Gauge, Histogram } from 'prom-client';

const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

const gauges: Record<keyof Statistics, { name: string; help: string }> = {
  queued: { name: 'trainyard_jobs_queued', help: 'Jobs that wait for a worker' },
  longestWait: {
    name: 'trainyard_jobs_longest_wait_seconds',
    help: 'How long the first of the waiting jobs has waited',
  },
  running: { name: 'trainyard_jobs_held', help: 'Jobs that a worker is running' },
  outbox: { name: 'trainyard_outbox_rows', help: 'Deliveries not yet added to the queue' },
  workersAlive: { name: 'trainyard_workers_alive', help: 'Workers with a heartbeat within the last ten seconds' },
  startForecasts: {
    name: 'trainyard_start_forecasts',
    help: 'Forecasts of the time to the start whose outcome is known, of the last 1,000 jobs',
  },
  startForecastsRight: {
    name: 'trainyard_start_forecasts_right',
    help: 'Those of them whose outcome lay between p10 and p90',
  },
  runForecasts: {
    name: 'trainyard_run_forecasts',
    help: 'Forecasts of the time of the run whose outcome is known, of the last 1,000 jobs',
  },
  runForecastsRight: {
    name: 'trainyard_run_forecasts_right',
    help: 'Those of them whose outcome lay between p10 and p90',
  },
  deletions: { name: 'trainyard_deletions_pending', help: 'Deleted jobs whose files are watched for a day' },
};

/**
 * Prometheus metrics of this process, of its calls to Postgres and the queue, and, at each scrape, of the job tables.
 */
export class ServiceMetrics {
  readonly registry = createRegistry();
  private readonly requests = new Histogram({
    name: 'trainyard_http_request_seconds',
    help: 'Time from a request to the end of its response; for live streams, their whole length',
    labelNames: ['method', 'route', 'status'],
    buckets: secondsBuckets,
    registers: [this.registry],
  });
  private readonly queries = new Histogram({
    name: 'trainyard_db_query_seconds',
    help: 'Time of a statement on Postgres',
    buckets: secondsBuckets,
    registers: [this.registry],
  });
  private readonly queueOperations = new Histogram({
    name: 'trainyard_queue_operation_seconds',
    help: 'Time of an operation on the queue',
    labelNames: ['operation'],
    buckets: secondsBuckets,
    registers: [this.registry],
  });

  observeRequest(labels: { method: string; route: string; status: number }, seconds: number): void {
    this.requests.observe(labels, seconds);
  }

  readonly observeQuery = (seconds: number): void => this.queries.observe(seconds);

  readonly observeQueueOperation = (operation: string, seconds: number): void =>
    this.queueOperations.observe({ operation }, seconds);

  /**
   * Registers gauges of the job tables, whose values are the same in every API process. While `statistics` fails, they
   * keep their last values.
   */
  exposeStatistics(statistics: () => Promise<Statistics>): void {
    let running: Promise<Statistics | null> | null = null;
    // Prometheus collects all gauges of a scrape at the same time: they share one call of `statistics`.
    const read = () => {
      running ??= statistics()
        .catch(() => null)
        .finally(() => {
          running = null;
        });
      return running;
    };
    for (const key of Object.keys(gauges) as (keyof Statistics)[]) {
      new Gauge({
        ...gauges[key],
        registers: [this.registry],
        async collect() {
          const values = await read();
          if (values) this.set(values[key]);
        },
      });
    }
  }
}
