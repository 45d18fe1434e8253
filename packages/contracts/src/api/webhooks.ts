import { z } from 'zod';
import { idSchema, jobIdSchema } from '../ids.js';
import { jobEventTypeSchema, terminalStates } from '../job.js';
import { filterSchema, pageQuerySchema } from './page.js';

export const webhookIdSchema = idSchema('whk');

/** Every type of a job's events but `output`, of which a job may have a thousand in a second. */
export const webhookEventSchema = jobEventTypeSchema.exclude(['output']);
export type WebhookEvent = z.infer<typeof webhookEventSchema>;

/** A project has this many webhooks at most. */
export const maxWebhooks = 20;

const url = z.url({ protocol: /^https?$/ }).max(2048);
const events = z.array(webhookEventSchema).min(1).max(webhookEventSchema.options.length);
const filter = filterSchema.regex(/\S/, 'must name jobs; leave it out for all of them').nullable();

export const newWebhookSchema = z.strictObject({
  /** Receives the events by POST: http or https, at a public address. */
  url,
  events: events.default([...terminalStates] as WebhookEvent[]),
  /** Only events of jobs for which this filter is true when the event is first sent; null: of all. */
  filter: filter.default(null),
});
export type NewWebhookBody = z.input<typeof newWebhookSchema>;

/** A JSON merge patch (RFC 7396): what it leaves out stays. */
export const webhookPatchSchema = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  filter: filter.optional(),
  /** true also ends what the service disabled after a long failure. */
  enabled: z.boolean().optional(),
});
export type WebhookPatch = z.infer<typeof webhookPatchSchema>;

export const webhookSchema = z.object({
  id: webhookIdSchema,
  url: z.string(),
  events: z.array(webhookEventSchema),
  filter: z.string().nullable(),
  enabled: z.boolean(),
  /** Why the service disabled it. */
  disabledReason: z.string().nullable(),
  /** Since when every attempt has failed; null: the last one succeeded. */
  failingSince: z.iso.datetime().nullable(),
  /** Until when the secret before the newest signs too. */
  previousSecretUntil: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** The only answers with the secret: of the creation and of a rotation. */
export const webhookWithSecretSchema = webhookSchema.extend({ secret: z.string() });
export type WebhookWithSecret = z.infer<typeof webhookWithSecretSchema>;

export const webhookParamsSchema = z.object({ id: webhookIdSchema });

const deliveryIdSchema = z.string().regex(/^msg_[0-9a-f]{32}$/, 'must be an id like msg_0a1b…');
export const webhookDeliveryParamsSchema = z.object({ id: webhookIdSchema, delivery: deliveryIdSchema });

/**
 * pending: it will be sent, or sent again. delivered: the receiver answered with 2xx. failed: given up after a day of
 * attempts. refused: the URL leads to an address that the service does not send to.
 */
export const webhookDeliveryStateSchema = z.enum(['pending', 'delivered', 'failed', 'refused']);
export type WebhookDeliveryState = z.infer<typeof webhookDeliveryStateSchema>;

export const webhookAttemptSchema = z.object({
  at: z.iso.datetime(),
  /** HTTP status of the answer; null: there was none. */
  status: z.int().nullable(),
  /** Why it failed; null: it did not. */
  error: z.string().nullable(),
  seconds: z.number(),
});
export type WebhookAttempt = z.infer<typeof webhookAttemptSchema>;

export const webhookDeliverySchema = z.object({
  /** Sent as `webhook-id`, the same with each attempt. */
  id: deliveryIdSchema,
  type: z.string(),
  jobId: jobIdSchema.nullable(),
  state: webhookDeliveryStateSchema,
  createdAt: z.iso.datetime(),
  /** null: there will be none. */
  nextAttemptAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /** The newest 20, in order. */
  attempts: z.array(webhookAttemptSchema),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

export const webhookDeliveriesQuerySchema = pageQuerySchema;
export type WebhookDeliveriesQuery = z.output<typeof webhookDeliveriesQuerySchema>;
