import pg from 'pg';
import { attempts } from '../attempts/attempts.js';
import { checkpointKeys } from '../attempts/checkpoints.js';
import { workerHeartbeats } from '../attempts/workers.js';
import { datasets } from '../jobs/datasets.js';
import { deletions } from '../jobs/deletions.js';
import { EventReads } from '../jobs/events.js';
import { JobLookUps } from '../jobs/lookUps.js';
import { outbox } from '../jobs/outbox.js';
import { retention } from '../jobs/retention.js';
import { statistics } from '../jobs/statistics.js';
import { Submissions } from '../jobs/submissions.js';
import { usage } from '../jobs/usage.js';
import { exclusively } from '../postgres/advisoryLock.js';
import { createClient, readRows } from '../postgres/client.js';
import { migrate } from '../postgres/migrate.js';
import { type Listener, Notifications } from '../postgres/notifications.js';
import { type QueryObserver, timedClient } from '../postgres/timedClient.js';
import { audit } from './audit.js';
import { keys } from './keys.js';
import { project } from './project.js';

export type DatabaseOptions = {
  /** Connections at most. */
  poolSize?: number;
  /** `prisma/migrations`, where it does not lie beside this package's repository. */
  migrationsFolder?: string;
  /** Called with the seconds that each statement took. */
  onQuery?: QueryObserver;
};

/**
 * Brings the database's tables up to date and opens it.
 *
 * @param url `postgres://user:password@host:port/database`.
 * @throws MigrationError if its tables were made by another version.
 */
export async function openDatabase(url: string, { poolSize = 10, migrationsFolder, onQuery }: DatabaseOptions = {}) {
  await migrate(url, migrationsFolder);
  const pool = new pg.Pool({
    ...(onQuery ? { Client: timedClient(onQuery) } : {}),
    ...{ connectionString: url, max: poolSize, application_name: 'trainyard', keepAlive: true },
    // Milliseconds to wait for a connection; without it, for as long as the server is away.
    connectionTimeoutMillis: 10_000,
    // Disks without heads: where the statistics are still young, the planner would else sort the whole queue.
    options: '-c random_page_cost=1.1',
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  const client = createClient(pool);
  const read = readRows(pool);
  const batches = {
    submissions: new Submissions(read),
    lookUps: new JobLookUps(read),
    events: new EventReads(read),
    read,
  };
  const notifications = new Notifications(url);
  return {
    /** What users have, a project at a time; all else here is for the service itself and knows no projects. */
    project: (name: string) => project(client, batches, name),
    attempts: attempts(client),
    outbox: outbox(client),
    checkpoints: checkpointKeys(client),
    datasets: datasets(client),
    deletions: deletions(client),
    retention: retention(client),
    statistics: () => statistics(client),
    keys: keys(client),
    usage: usage(client),
    audit: audit(client),
    workers: workerHeartbeats(client),
    /** Calls back on every notification of the channel; `job_events` carries the id of a job that has a new event. */
    listen: (channel: string, listener: Listener) => notifications.listen(channel, listener),
    /** Runs `work` unless another process does so under the same name; says whether it did. */
    exclusively: (name: string, work: () => Promise<void>) => exclusively(pool, name, work),
    /** Throws if the database does not answer. */
    async ping(): Promise<void> {
      await pool.query('SELECT 1');
    },
    async close(): Promise<void> {
      await notifications.close();
      await client.$disconnect();
      await pool.end();
    },
  };
}

export type Database = Awaited<ReturnType<typeof openDatabase>>;
