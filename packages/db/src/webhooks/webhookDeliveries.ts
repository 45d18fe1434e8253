import type { WebhookAttempt, WebhookDeliveryState } from '@trainyard/contracts';
import { z } from 'zod';
import { conditionsOf } from '../filter/conditionsOf.js';
import type { Postgres } from '../postgres/postgres.js';
import { join, json, sql } from '../postgres/sql.js';

const claimedSchema = z.object({
  id: z.string(),
  webhookId: z.string(),
  project: z.string(),
  jobId: z.string().nullable(),
  body: z.string(),
  url: z.string(),
  filter: z.string().nullable(),
  /** The newest first: each signs. */
  secrets: z.array(z.string()),
  /** The number of this attempt, from 1. */
  attempt: z.int(),
  /** How long it has been tried. */
  seconds: z.number(),
});
export type ClaimedDelivery = z.output<typeof claimedSchema>;

export interface AttemptEnd {
  entry: WebhookAttempt;
  state: WebhookDeliveryState;
  /** Until the next attempt; of a pending one. */
  retrySeconds: number;
}

/** Of one webhook that all processes send at the same time: a receiver that hangs does not hold up the others. */
const atOnce = 4;
/** Attempts that the log of a delivery keeps. */
const logged = 20;
/** Deliveries that one statement deletes. */
const batch = 10_000;

/** The deliveries of all projects, for the processes that send them. */
export class WebhookDeliveries {
  constructor(private readonly postgres: Postgres) {}

  /**
   * Takes deliveries that are due, for `leaseSeconds`: if the process dies, another takes them after that. Processes
   * that do this at the same time get different ones. Each claim counts as an attempt, and only the newest may write.
   */
  claim(limit: number, leaseSeconds: number): Promise<ClaimedDelivery[]> {
    return this.postgres.query(
      claimedSchema,
      sql`-- name: claim_webhook_deliveries
      WITH due AS (
        SELECT next.id FROM webhooks
        CROSS JOIN LATERAL (
          SELECT id, next_attempt_at FROM webhook_deliveries AS deliveries
          WHERE deliveries.webhook_id = webhooks.id AND state = 'pending' AND next_attempt_at <= now()
            AND (lease_until IS NULL OR lease_until <= now())
          ORDER BY next_attempt_at LIMIT greatest(0, ${atOnce}::int - (
            SELECT count(*) FROM webhook_deliveries AS busy
            WHERE busy.webhook_id = webhooks.id AND state = 'pending' AND busy.lease_until > now()))
          FOR UPDATE SKIP LOCKED
        ) AS next
        WHERE webhooks.enabled LIMIT ${limit}::int
      )
      UPDATE webhook_deliveries AS deliveries
      SET attempts = attempts + 1, lease_until = now() + make_interval(secs => ${leaseSeconds}::float8)
      FROM webhooks WHERE deliveries.id IN (SELECT id FROM due) AND webhooks.id = deliveries.webhook_id
      RETURNING deliveries.id, deliveries.webhook_id AS "webhookId", project, job_id AS "jobId", body, url, filter,
        ARRAY[secret] || CASE WHEN previous_secret_until > now() THEN ARRAY[previous_secret] ELSE '{}' END AS secrets,
        attempts AS attempt, extract(epoch FROM now() - tried_since)::float8 AS seconds`,
    );
  }

  /** Whether the job of a delivery is one that the filter of its webhook names. @throws FilterError */
  async isWanted({ project, jobId, filter }: ClaimedDelivery): Promise<boolean> {
    if (filter === null || jobId === null) return true;
    const conditions = [sql`jobs.id = ${jobId}`, sql`jobs.project = ${project}`, ...conditionsOf(filter)];
    const found = await this.postgres.query(
      z.object({ id: z.string() }),
      sql`SELECT jobs.id FROM jobs LEFT JOIN test_results ON test_results.job_id = jobs.id
        WHERE ${join(conditions, ' AND ')}`,
    );
    return found.length > 0;
  }

  /** Of a job that the filter does not name. */
  async drop({ id, attempt }: ClaimedDelivery): Promise<void> {
    await this.postgres.execute(sql`DELETE FROM webhook_deliveries WHERE id = ${id} AND attempts = ${attempt}::int`);
  }

  /** Gives back what was not sent to its end: another process sends it at once. */
  async release({ id, attempt }: ClaimedDelivery): Promise<void> {
    await this.postgres.execute(sql`UPDATE webhook_deliveries SET attempts = attempts - 1, lease_until = NULL
      WHERE id = ${id} AND attempts = ${attempt}::int`);
  }

  /**
   * Writes how an attempt ended, unless a later one has begun. Where it changes the webhook too, it locks that first: a
   * deletion locks the webhook and then its deliveries, and in the other order both could wait for each other.
   */
  async end({ id, webhookId, attempt }: ClaimedDelivery, { entry, state, retrySeconds }: AttemptEnd): Promise<void> {
    await this.postgres.execute(sql`
      WITH webhook AS MATERIALIZED (
        SELECT id FROM webhooks WHERE id = ${webhookId} AND (${state} <> 'delivered' OR failing_since IS NOT NULL)
        FOR NO KEY UPDATE
      ), ended AS (
        UPDATE webhook_deliveries SET state = ${state}, lease_until = NULL,
          finished_at = CASE WHEN ${state} = 'pending' THEN NULL ELSE now() END,
          next_attempt_at = now() + make_interval(secs => ${retrySeconds}::float8),
          attempts_log = CASE WHEN jsonb_array_length(attempts_log) >= ${logged}::int
            THEN attempts_log - 0 ELSE attempts_log END || ${json([entry])}
        WHERE id = ${id} AND attempts = ${attempt}::int AND (SELECT count(*) FROM webhook) >= 0
        RETURNING webhook_id
      )
      UPDATE webhooks
      SET failing_since = CASE WHEN ${state} = 'delivered' THEN NULL ELSE coalesce(failing_since, now()) END
      WHERE id IN (SELECT webhook_id FROM ended) AND id IN (SELECT id FROM webhook)`);
  }

  /**
   * Disables a webhook, with an entry in the audit.
   *
   * @param failingSeconds only where it has failed for so long.
   * @returns whether this call did it.
   */
  async disable({ id, webhookId }: ClaimedDelivery, reason: string, failingSeconds: number): Promise<boolean> {
    const count = await this.postgres.execute(sql`
      WITH disabled AS (
        UPDATE webhooks SET enabled = false, disabled_reason = ${reason}
        WHERE id = ${webhookId} AND enabled
          AND failing_since <= now() - make_interval(secs => ${failingSeconds}::float8)
        RETURNING id, project, api_key_id
      ), entry AS (
        INSERT INTO audit_entries (at, request_id, key_id, project, action, object, status)
        SELECT now(), ${id}, api_key_id, project, 'webhook disabled', id, 200 FROM disabled
        WHERE api_key_id IS NOT NULL
      )
      SELECT id FROM disabled`);
    return count > 0;
  }

  /** Deletes deliveries that are older. @returns how many */
  async prune(days: number): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await this.postgres.execute(sql`
        DELETE FROM webhook_deliveries WHERE id IN (
          SELECT id FROM webhook_deliveries WHERE created_at < now() - make_interval(days => ${days}::int)
          LIMIT ${batch}::int FOR UPDATE SKIP LOCKED)`);
      total += count;
      if (count < batch) return total;
    }
  }
}
