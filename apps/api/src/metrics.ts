import type { Statistics } from '@trainyard/db';
import { createRegistry } from '@trainyard/process/telemetry';
import { Gauge, Histogram } from 'prom-client';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** What this process tells Prometheus: of itself, of what it asks of others, and, at each scrape, of the database's rows. */
export class ServiceMetrics {
  readonly registry = createRegistry();
  private readonly requests = new Histogram({
    name: 'trainyard_http_request_seconds',
    help: 'Time from a request to the end of its answer; of live streams, their whole length',
    labelNames: ['method', 'route', 'status'],
    buckets: seconds,
    registers: [this.registry],
  });
  private readonly queries = new Histogram({
    name: 'trainyard_db_query_seconds',
    help: 'Time of a statement on Postgres',
    buckets: seconds,
    registers: [this.registry],
  });
  private readonly queueOperations = new Histogram({
    name: 'trainyard_queue_operation_seconds',
    help: 'Time of an operation on the queue',
    labelNames: ['operation'],
    buckets: seconds,
    registers: [this.registry],
  });

  request(labels: { method: string; route: string; status: number }, took: number): void {
    this.requests.observe(labels, took);
  }

  readonly query = (took: number): void => this.queries.observe(took);

  readonly queueOperation = (operation: string, took: number): void =>
    this.queueOperations.observe({ operation }, took);

  /** Gauges of what stands in the database, the same in every process of a service. */
  watch(statistics: () => Promise<Statistics>): void {
    let asked: Promise<Statistics | null> | null = null;
    // All gauges of a scrape ask at once, and share one statement. A database that is away leaves the last values standing.
    const ask = () => {
      asked ??= statistics()
        .catch(() => null)
        .finally(() => {
          asked = null;
        });
      return asked;
    };
    for (const key of Object.keys(told) as (keyof Statistics)[]) {
      new Gauge({
        ...told[key],
        registers: [this.registry],
        async collect() {
          const values = await ask();
          if (values) this.set(values[key]);
        },
      });
    }
  }
}

const told: Record<keyof Statistics, { name: string; help: string }> = {
  queued: { name: 'trainyard_jobs_queued', help: 'Jobs that wait for a worker' },
  longestWait: {
    name: 'trainyard_jobs_longest_wait_seconds',
    help: 'How long the first of the waiting jobs has waited',
  },
  running: { name: 'trainyard_jobs_held', help: 'Jobs that a worker holds' },
  outbox: { name: 'trainyard_outbox_rows', help: 'Deliveries that the queue has not been told of yet' },
  workersAlive: { name: 'trainyard_workers_alive', help: 'Workers heard of within ten seconds' },
  deletions: { name: 'trainyard_deletions_pending', help: 'Deleted jobs whose files are watched for a day' },
};
