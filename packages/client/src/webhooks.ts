import type {
  NewWebhookBody,
  Page,
  Webhook,
  WebhookDeliveriesQuery,
  WebhookDelivery,
  WebhookPatch,
  WebhookWithSecret,
} from '@trainyard/contracts';
import { DatasetCalls } from './datasets.js';

const webhookPath = (id: string, ...rest: string[]): string =>
  ['v1/webhooks', ...[id, ...rest].map(encodeURIComponent)].join('/');

/** The calls of webhooks: where the service sends the events of a project's jobs. */
export class WebhookCalls extends DatasetCalls {
  /** Creates a webhook; its secret is returned here, and by a rotation, only. */
  createWebhook(body: NewWebhookBody): Promise<WebhookWithSecret> {
    return this.http.json('v1/webhooks', { method: 'POST', body });
  }

  async webhooks(): Promise<Webhook[]> {
    return (await this.http.json<Page<Webhook>>('v1/webhooks')).data;
  }

  webhook(id: string): Promise<Webhook> {
    return this.http.json(webhookPath(id));
  }

  /** Changes, disables or enables a webhook. */
  editWebhook(id: string, patch: WebhookPatch): Promise<Webhook> {
    return this.http.json(webhookPath(id), { method: 'PATCH', body: patch });
  }

  async deleteWebhook(id: string): Promise<void> {
    await this.http.send(webhookPath(id), { method: 'DELETE' });
  }

  /** A new secret; for a day the one before signs too. */
  rotateWebhook(id: string): Promise<WebhookWithSecret> {
    return this.http.json(webhookPath(id, 'rotate'), { method: 'POST' });
  }

  /** Sends an event of the type `webhook.test`. */
  testWebhook(id: string): Promise<WebhookDelivery> {
    return this.http.json(webhookPath(id, 'test'), { method: 'POST' });
  }

  /** A page of what was sent and what waits, newest first. */
  webhookDeliveries(id: string, query: Partial<WebhookDeliveriesQuery> = {}): Promise<Page<WebhookDelivery>> {
    return this.http.json(webhookPath(id, 'deliveries'), { query });
  }

  /** Sends an event again, whatever became of it. */
  redeliverWebhook(id: string, delivery: string): Promise<WebhookDelivery> {
    return this.http.json(webhookPath(id, 'deliveries', delivery, 'redeliver'), { method: 'POST' });
  }
}
