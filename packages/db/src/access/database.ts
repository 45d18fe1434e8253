import { SettingError } from '@trainyard/contracts';
import { parsePostgresUrl } from '@trainyard/process';
import { z } from 'zod';
import { Attempts } from '../attempts/attempts.js';
import { WorkerHeartbeats } from '../attempts/workers.js';
import { BatchRuns } from '../batches/batchRuns.js';
import { Forecasts } from '../forecasts/forecasts.js';
import { ImportRuns } from '../imports/importRuns.js';
import { Deletions } from '../jobs/deletions.js';
import { EventReads } from '../jobs/events.js';
import { changeUnused, type DatasetUse } from '../jobs/jobsUsing.js';
import { JobLookUps } from '../jobs/lookUps.js';
import { Outbox } from '../jobs/outbox.js';
import { Retention } from '../jobs/retention.js';
import { readStatistics, type Statistics } from '../jobs/statistics.js';
import { Submissions } from '../jobs/submissions.js';
import { KeyUsage } from '../jobs/usage.js';
import { migrate } from '../postgres/migrate.js';
import { type Listener, Notifications } from '../postgres/notifications.js';
import { type OpenPostgresOptions, openPostgres } from '../postgres/openPostgres.js';
import { Postgres, type PostgresOptions } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';
import { startError } from '../postgres/startError.js';
import { withAdvisoryLock } from '../postgres/withAdvisoryLock.js';
import { WebhookDeliveries } from '../webhooks/webhookDeliveries.js';
import { Audit } from './audit.js';
import { Keys } from './keys.js';
import { Project, type Shared } from './project.js';
import { Sessions } from './sessions.js';
import { Shares } from './shares.js';

export type DatabaseOptions = PostgresOptions &
  OpenPostgresOptions & {
    /** `prisma/migrations`, if it is not in this package's repository. */
    migrationsFolder?: string;
  };

/**
 * Applies the migrations that the database lacks, and opens it.
 *
 * @param url see `parsePostgresUrl`.
 * @throws SettingError if the server cannot be used; MigrationError if another version has migrated the database.
 */
export async function openDatabase(
  url: string,
  { migrationsFolder, waitSeconds, logger, ...options }: DatabaseOptions = {},
): Promise<Database> {
  const resolved = await openPostgres(url, { waitSeconds, logger });
  try {
    await migrate(resolved, migrationsFolder, logger);
  } catch (error) {
    throw startError(error, parsePostgresUrl(resolved));
  }
  return new Database(resolved, options);
}

/**
 * The whole database. `project` is for users' requests; everything else is for the service itself and sees all
 * projects.
 */
export class Database {
  readonly attempts: Attempts;
  readonly outbox: Outbox;
  readonly deletions: Deletions;
  readonly retention: Retention;
  readonly keys: Keys;
  readonly sessions: Sessions;
  readonly usage: KeyUsage;
  readonly forecasts: Forecasts;
  readonly shares: Shares;
  readonly audit: Audit;
  readonly workers: WorkerHeartbeats;
  readonly imports: ImportRuns;
  readonly batches: BatchRuns;
  readonly webhookDeliveries: WebhookDeliveries;
  readonly #postgres: Postgres;
  readonly #notifications: Notifications;
  readonly #shared: Shared;

  /** @param url as `openPostgres` resolves it; the queue in Postgres needs it too. */
  constructor(
    readonly url: string,
    options: PostgresOptions,
  ) {
    const postgres = new Postgres(url, options);
    this.#postgres = postgres;
    this.#notifications = new Notifications(url);
    this.forecasts = new Forecasts(postgres);
    this.#shared = {
      submissions: new Submissions(postgres, this.forecasts),
      lookUps: new JobLookUps(postgres),
      events: new EventReads(postgres),
    };
    this.attempts = new Attempts(postgres);
    this.outbox = new Outbox(postgres);
    this.deletions = new Deletions(postgres);
    this.retention = new Retention(postgres);
    this.keys = new Keys(postgres);
    this.sessions = new Sessions(postgres);
    this.usage = new KeyUsage(postgres);
    this.shares = new Shares(postgres);
    this.audit = new Audit(postgres);
    this.workers = new WorkerHeartbeats(postgres);
    this.imports = new ImportRuns(postgres);
    this.batches = new BatchRuns(postgres);
    this.webhookDeliveries = new WebhookDeliveries(postgres);
  }

  project(name: string): Project {
    return new Project(this.#postgres, this.#shared, name);
  }

  /** @see changeUnused */
  changeUnused<T>(use: DatasetUse, change: () => Promise<T>): Promise<T> {
    return changeUnused(this.#postgres, use, change);
  }

  statistics(): Promise<Statistics> {
    return readStatistics(this.#postgres);
  }

  /**
   * Calls back on every notification of the channel. `job_events` carries the id of a job that has a new event.
   *
   * @returns a function that removes the listener.
   */
  listen(channel: string, listener: Listener): Promise<() => void> {
    return this.#notifications.listen(channel, listener);
  }

  /** @see withAdvisoryLock */
  withAdvisoryLock(name: string, work: () => Promise<void>): Promise<boolean> {
    // Locks belong to the database, in which other schemas may have another Trainyard.
    return withAdvisoryLock(this.#postgres.pool, `${this.#postgres.schema}:${name}`, work);
  }

  /** @throws if the database does not answer, or SettingError if it takes no writes. */
  async ping(): Promise<void> {
    const [server] = await this.#postgres.query(
      z.object({ standby: z.boolean(), readOnly: z.string() }),
      sql`SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS "readOnly"`,
    );
    if (server?.readOnly === 'off') return;
    const what = server?.standby ? 'a standby' : 'a database that is read-only';
    throw new SettingError('DATABASE_URL', `leads to ${what}, which takes no writes; it must lead to the primary`);
  }

  async close(): Promise<void> {
    await this.#notifications.close();
    await this.#postgres.close();
  }
}
