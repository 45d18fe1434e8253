import { z } from 'zod';
import type { Connection, Postgres } from '../postgres/postgres.js';
import { type Sql, sql } from '../postgres/sql.js';

const usageSchema = z.object({
  /** The key's queued jobs, and its predictions of many images that wait. */
  queuedJobs: z.int(),
  /** Wall-clock seconds of attempts of the key's jobs since midnight (UTC). */
  trainingSeconds: z.number(),
  /** Until midnight. */
  secondsLeftToday: z.number(),
});
/** What a key uses at the moment. */
export type Usage = z.output<typeof usageSchema>;

const today = sql`(date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')`;

/** Seconds between two times, as far as they are after midnight. */
export const secondsToday = (from: Sql, until: Sql): Sql =>
  sql`greatest(0, extract(epoch FROM ${until} - greatest(${from}, ${today})))::float8`;

/** Seconds of attempts that have ended, and of running ones up to their newest heartbeat. */
const trainingToday = (keyId: string) => sql`(
  SELECT coalesce((
    SELECT seconds FROM training_usage WHERE key_id = ${keyId} AND day = (now() AT TIME ZONE 'UTC')::date
  ), 0) + coalesce((
    SELECT sum(${secondsToday(sql`attempts.started_at`, sql`jobs.heartbeat_at`)})
    FROM jobs JOIN attempts ON attempts.job_id = jobs.id AND attempts.number = jobs.attempt
    WHERE jobs.token IS NOT NULL AND jobs.api_key_id = ${keyId}
  ), 0))`;

/** What keys use, to be compared with their limits. */
export class KeyUsage {
  constructor(private readonly postgres: Postgres) {}

  /**
   * @param maxQueued stop counting queued jobs here; null: do not count them.
   * @param training whether to sum training seconds up; otherwise they are 0.
   */
  async of(keyId: string, maxQueued: number | null, training: boolean): Promise<Usage> {
    const [usage] = await this.postgres.query(
      usageSchema,
      sql`
      SELECT (
        SELECT count(*)::int FROM (
          (SELECT 1 FROM jobs WHERE api_key_id = ${keyId} AND state = 'queued' LIMIT ${maxQueued ?? 0}::int)
          UNION ALL (SELECT 1 FROM prediction_batches WHERE api_key_id = ${keyId} AND state = 'queued'
            LIMIT ${maxQueued ?? 0}::int)
        ) AS queued
      ) AS "queuedJobs",
      ${training ? trainingToday(keyId) : sql`0::float8`} AS "trainingSeconds",
      extract(epoch FROM ${today} + interval '1 day' - now())::float8 AS "secondsLeftToday"`,
    );
    if (!usage) throw new Error('an aggregate returned no row');
    return usage;
  }
}

/** Charges today's seconds of an attempt that has just ended to the key that submitted its job. */
export async function chargeTraining(tx: Connection, jobId: string, attempt: number): Promise<void> {
  await tx.execute(sql`
    INSERT INTO training_usage (key_id, day, seconds)
    SELECT jobs.api_key_id, (now() AT TIME ZONE 'UTC')::date,
      ${secondsToday(sql`attempts.started_at`, sql`attempts.finished_at`)}
    FROM attempts JOIN jobs ON jobs.id = attempts.job_id
    WHERE attempts.job_id = ${jobId} AND attempts.number = ${attempt}::int AND jobs.api_key_id IS NOT NULL
    ON CONFLICT (key_id, day) DO UPDATE SET seconds = training_usage.seconds + excluded.seconds`);
}
