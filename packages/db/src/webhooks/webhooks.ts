import { randomBytes } from 'node:crypto';
import {
  ConflictError,
  maxWebhooks,
  type NewWebhookBody,
  NotFoundError,
  type Page,
  type Webhook,
  type WebhookDeliveriesQuery,
  type WebhookDelivery,
  type WebhookPatch,
  type WebhookWithSecret,
  webhookAttemptSchema,
  webhookDeliveryStateSchema,
  webhookEventSchema,
} from '@trainyard/contracts';
import { z } from 'zod';
import { conditionsOf } from '../filter/conditionsOf.js';
import { checkStorable } from '../postgres/checkStorable.js';
import { newId } from '../postgres/newId.js';
import { decodeCursor, toPage } from '../postgres/page.js';
import type { Postgres } from '../postgres/postgres.js';
import { empty, join, sql } from '../postgres/sql.js';

/** How long the secret before a rotation signs too. */
const rotationHours = 24;

/** As Standard Webhooks has them: `whsec_` and base64 of 24 to 64 bytes. */
const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

const webhookRowSchema = z.object({
  id: z.string(),
  url: z.string(),
  events: z.array(webhookEventSchema),
  filter: z.string().nullable(),
  enabled: z.boolean(),
  disabledReason: z.string().nullable(),
  failingSince: z.date().nullable(),
  previousSecretUntil: z.date().nullable(),
  createdAt: z.date(),
});

const columns = sql`id, url, events, filter, enabled, disabled_reason AS "disabledReason",
  failing_since AS "failingSince", created_at AS "createdAt",
  CASE WHEN previous_secret_until > now() THEN previous_secret_until END AS "previousSecretUntil"`;

const toWebhook = (row: z.output<typeof webhookRowSchema>): Webhook => ({
  ...row,
  failingSince: row.failingSince?.toISOString() ?? null,
  previousSecretUntil: row.previousSecretUntil?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
});

const deliveryRowSchema = z.object({
  id: z.string(),
  type: z.string(),
  jobId: z.string().nullable(),
  state: webhookDeliveryStateSchema,
  createdAt: z.date(),
  nextAttemptAt: z.date(),
  finishedAt: z.date().nullable(),
  attempts: z.array(webhookAttemptSchema),
});

const deliveryColumns = sql`deliveries.id, deliveries.type, job_id AS "jobId", state,
  next_attempt_at AS "nextAttemptAt", deliveries.created_at AS "createdAt", finished_at AS "finishedAt",
  attempts_log AS attempts`;

const toDelivery = (row: z.output<typeof deliveryRowSchema>): WebhookDelivery => ({
  ...row,
  createdAt: row.createdAt.toISOString(),
  nextAttemptAt: row.state === 'pending' ? row.nextAttemptAt.toISOString() : null,
  finishedAt: row.finishedAt?.toISOString() ?? null,
});

/** The webhooks of a project. */
export class Webhooks {
  constructor(
    private readonly postgres: Postgres,
    private readonly project: string,
  ) {}

  /**
   * @throws ConflictError where the project has `maxWebhooks`; InvalidInputError for a filter that is wrong.
   */
  create({ url, events, filter }: Required<NewWebhookBody>, apiKeyId: string): Promise<WebhookWithSecret> {
    checkFilter({ url, filter });
    const secret = newSecret();
    return this.postgres.transaction(async (tx) => {
      // Calls at the same time count one after the other.
      await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`webhooks ${this.project}`}, 0))`);
      const [row] = await tx.query(
        webhookRowSchema,
        sql`INSERT INTO webhooks (id, project, api_key_id, url, events, filter, secret)
        SELECT ${newId('whk')}, ${this.project}, ${apiKeyId}, ${url}, ${events}::text[], ${filter}, ${secret}
        WHERE (SELECT count(*) FROM webhooks WHERE project = ${this.project}) < ${maxWebhooks}::int
        RETURNING ${columns}`,
      );
      if (row) return { ...toWebhook(row), secret };
      throw new ConflictError(`the project has ${maxWebhooks} webhooks, and may have no more; delete one`);
    });
  }

  /** Oldest first. */
  async list(): Promise<Webhook[]> {
    const rows = await this.postgres.query(
      webhookRowSchema,
      sql`SELECT ${columns} FROM webhooks WHERE project = ${this.project} ORDER BY id`,
    );
    return rows.map(toWebhook);
  }

  /** @throws NotFoundError */
  async get(id: string): Promise<Webhook> {
    const [row] = await this.postgres.query(
      webhookRowSchema,
      sql`SELECT ${columns} FROM webhooks WHERE id = ${id} AND project = ${this.project}`,
    );
    if (!row) throw new NotFoundError(`webhook ${id}`);
    return toWebhook(row);
  }

  /** @throws NotFoundError, InvalidInputError */
  async edit(id: string, patch: WebhookPatch): Promise<Webhook> {
    const { url, events, filter, enabled } = patch;
    checkFilter({ url, filter });
    const changes = [
      ...(url === undefined ? [] : [sql`url = ${url}`]),
      ...(events === undefined ? [] : [sql`events = ${events}::text[]`]),
      ...(filter === undefined ? [] : [sql`filter = ${filter}`]),
      ...(enabled === undefined ? [] : [sql`enabled = ${enabled}, disabled_reason = NULL, failing_since = NULL`]),
    ];
    if (changes.length > 0) {
      await this.postgres.execute(
        sql`UPDATE webhooks SET ${join(changes)} WHERE id = ${id} AND project = ${this.project}`,
      );
    }
    return this.get(id);
  }

  /** With its deliveries. @throws NotFoundError */
  async delete(id: string): Promise<void> {
    const count = await this.postgres.execute(sql`DELETE FROM webhooks WHERE id = ${id} AND project = ${this.project}`);
    if (count === 0) throw new NotFoundError(`webhook ${id}`);
  }

  /** A new secret; the one before signs too for a day. @throws NotFoundError */
  async rotate(id: string): Promise<WebhookWithSecret> {
    const secret = newSecret();
    const [row] = await this.postgres.query(
      webhookRowSchema,
      sql`UPDATE webhooks SET secret = ${secret}, previous_secret = secret,
        previous_secret_until = now() + make_interval(hours => ${rotationHours}::int)
      WHERE id = ${id} AND project = ${this.project} RETURNING ${columns}`,
    );
    if (!row) throw new NotFoundError(`webhook ${id}`);
    return { ...toWebhook(row), secret };
  }

  /** Queues an event of the type `webhook.test`. @throws NotFoundError; ConflictError where it is disabled. */
  async test(id: string): Promise<WebhookDelivery> {
    const { enabled } = await this.get(id);
    if (!enabled) throw new ConflictError(`the webhook ${id} is disabled; enable it first`);
    const body = JSON.stringify({ type: 'webhook.test', timestamp: new Date().toISOString(), data: { webhookId: id } });
    const [row] = await this.postgres.query(
      deliveryRowSchema,
      sql`INSERT INTO webhook_deliveries AS deliveries (id, webhook_id, type, body)
      SELECT ${`msg_${randomBytes(16).toString('hex')}`}, id, 'webhook.test', ${body} FROM webhooks
      WHERE id = ${id} AND project = ${this.project} RETURNING ${deliveryColumns}`,
    );
    if (!row) throw new NotFoundError(`webhook ${id}`);
    return toDelivery(row);
  }

  /** Newest first. @throws NotFoundError */
  async deliveries(id: string, { cursor, limit }: WebhookDeliveriesQuery): Promise<Page<WebhookDelivery>> {
    await this.get(id);
    const after = cursor === undefined ? null : decodeCursor('webhookDeliveries', cursor);
    const rows = await this.postgres.query(
      deliveryRowSchema,
      sql`SELECT ${deliveryColumns} FROM webhook_deliveries AS deliveries WHERE webhook_id = ${id}
      ${after === null ? empty : sql`AND (created_at, id) < (${after.value}::timestamptz, ${after.id})`}
      ORDER BY created_at DESC, id DESC LIMIT ${limit + 1}::int`,
    );
    const page = toPage(rows, limit, 'webhookDeliveries', ({ createdAt, id: last }) => ({
      value: createdAt,
      id: last,
    }));
    return { data: page.data.map(toDelivery), nextCursor: page.nextCursor };
  }

  /**
   * Sends an event again, for a day where need be, whether it was delivered or not; one that waits is sent at once.
   * @throws NotFoundError; ConflictError where the webhook is disabled.
   */
  async redeliver(id: string, delivery: string): Promise<WebhookDelivery> {
    const { enabled } = await this.get(id);
    if (!enabled) throw new ConflictError(`the webhook ${id} is disabled; enable it first`);
    const [row] = await this.postgres.query(
      deliveryRowSchema,
      sql`UPDATE webhook_deliveries AS deliveries SET state = 'pending', finished_at = NULL, tried_since = now(),
        next_attempt_at = now(), attempts = CASE WHEN lease_until > now() THEN attempts ELSE 0 END
      WHERE id = ${delivery} AND webhook_id = ${id} RETURNING ${deliveryColumns}`,
    );
    if (!row) throw new NotFoundError(`delivery ${delivery}`);
    return toDelivery(row);
  }
}

/** @throws InvalidInputError where the filter, or a text, is wrong */
function checkFilter(given: { url?: string | undefined; filter?: string | null | undefined }): void {
  checkStorable(given);
  if (given.filter) conditionsOf(given.filter);
}
