import { type Client, type Sql, sql, type Transaction } from '../postgres/client.js';

/** What a key uses at the moment. */
export type Usage = {
  /** Its jobs that wait; counted up to `most`. */
  queuedJobs: number;
  /** Wall-clock seconds of its jobs' attempts since midnight (UTC). */
  trainingSeconds: number;
  /** Until midnight. */
  secondsLeftToday: number;
};

const today = sql`(date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')`;

/** Seconds of an attempt since midnight, to `until`. */
const secondsToday = (until: Sql) =>
  sql`greatest(0, extract(epoch FROM ${until} - greatest(attempts.started_at, ${today})))::float8`;

/** @param most to count of what waits; null: it is not asked for. @param training whether training is asked for. */
async function of(client: Client, keyId: string, most: number | null, training: boolean): Promise<Usage> {
  const [usage] = await client.$queryRaw<[Usage]>`
    SELECT (
      SELECT count(*)::int FROM (
        SELECT FROM jobs WHERE api_key_id = ${keyId} AND state = 'queued' LIMIT ${most ?? 0}::int
      ) AS queued
    ) AS "queuedJobs",
    ${training ? trainingToday(keyId) : sql`0::float8`} AS "trainingSeconds",
    extract(epoch FROM ${today} + interval '1 day' - now())::float8 AS "secondsLeftToday"`;
  return usage;
}

/** Attempts that have ended, and those that run, up to their last heartbeat. */
const trainingToday = (keyId: string) => sql`(
  SELECT coalesce((
    SELECT seconds FROM training_usage WHERE key_id = ${keyId} AND day = (now() AT TIME ZONE 'UTC')::date
  ), 0) + coalesce((
    SELECT sum(${secondsToday(sql`jobs.heartbeat_at`)})
    FROM jobs JOIN attempts ON attempts.job_id = jobs.id AND attempts.number = jobs.attempt
    WHERE jobs.token IS NOT NULL AND jobs.api_key_id = ${keyId}
  ), 0))`;

/** Charges what an attempt that has just ended took today to the key that submitted its job. */
export async function chargeTraining(tx: Transaction, jobId: string, attempt: number): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO training_usage (key_id, day, seconds)
    SELECT jobs.api_key_id, (now() AT TIME ZONE 'UTC')::date, ${secondsToday(sql`attempts.finished_at`)}
    FROM attempts JOIN jobs ON jobs.id = attempts.job_id
    WHERE attempts.job_id = ${jobId} AND attempts.number = ${attempt}::int AND jobs.api_key_id IS NOT NULL
    ON CONFLICT (key_id, day) DO UPDATE SET seconds = training_usage.seconds + excluded.seconds`;
}

export const usage = (client: Client) => ({
  of: (keyId: string, most: number | null, training: boolean) => of(client, keyId, most, training),
});
