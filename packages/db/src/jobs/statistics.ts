import { z } from 'zod';
import { scoresStatement } from '../forecasts/forecasts.js';
import type { Postgres } from '../postgres/postgres.js';
import { sql } from '../postgres/sql.js';

const statisticsSchema = z.object({
  /** Jobs that wait for a worker, and the seconds for which the first of them has waited. */
  queued: z.int(),
  longestWait: z.number(),
  /** Jobs that a worker runs. */
  running: z.int(),
  /** Deliveries that have not been added to the queue yet. */
  outbox: z.int(),
  workersAlive: z.int(),
  /** Forecasts of the newest jobs whose outcome is known, and those that were right. */
  startForecasts: z.int(),
  startForecastsRight: z.int(),
  runForecasts: z.int(),
  runForecastsRight: z.int(),
  /** Deleted jobs whose files are watched for a day. */
  deletions: z.int(),
});
/** What an operator monitors in the database. */
export type Statistics = z.output<typeof statisticsSchema>;

/** Reads indexes and the newest jobs, so that it can run every few seconds. */
export async function readStatistics(postgres: Postgres): Promise<Statistics> {
  const [row] = await postgres.query(
    statisticsSchema,
    sql`
    SELECT waiting.count AS queued, waiting.longest AS "longestWait",
      (SELECT count(*)::int FROM jobs WHERE token IS NOT NULL) AS running,
      (SELECT count(*)::int FROM outbox) AS outbox,
      (SELECT count(*)::int FROM workers WHERE heartbeat_at > now() - interval '10 seconds') AS "workersAlive",
      (SELECT count(*)::int FROM deletions) AS deletions,
      "startCount" AS "startForecasts", "startWithin" AS "startForecastsRight",
      "runCount" AS "runForecasts", "runWithin" AS "runForecastsRight"
    FROM (
      SELECT count(*)::int AS count, coalesce(max(extract(epoch FROM now() - updated_at)), 0)::float8 AS longest
      FROM jobs WHERE state = 'queued'
    ) AS waiting, (${scoresStatement}) AS scores`,
  );
  if (!row) throw new Error('an aggregate returned no row');
  return row;
}
