import type { Webhook, WebhookDelivery } from '@trainyard/contracts';
import { expect, it } from 'vitest';
import { run } from '../src/run.js';
import { captureTerminal } from './support/captureTerminal.js';
import { fakeService, json } from './support/fakeService.js';
import { jobId } from './support/samples.js';

const webhook: Webhook = {
  id: jobId.replace('job', 'whk'),
  url: 'https://hooks.example.com/a',
  events: ['succeeded', 'failed'],
  filter: 'tag : night',
  enabled: false,
  disabledReason: 'the receiver answered 410 (gone)',
  failingSince: '2026-11-28T08:00:00.000Z',
  previousSecretUntil: null,
  createdAt: '2026-11-28T08:00:00.000Z',
};
const delivery: WebhookDelivery = {
  id: `msg_${'0'.repeat(32)}`,
  type: 'job.succeeded',
  jobId,
  state: 'pending',
  createdAt: webhook.createdAt,
  nextAttemptAt: webhook.createdAt,
  finishedAt: null,
  attempts: [{ at: webhook.createdAt, status: 500, error: 'answered 500', seconds: 0.1 }],
};
const path = `/v1/webhooks/${webhook.id}`;

it.each<[string[], string, unknown]>([
  [
    ['create', webhook.url, '--event', 'succeeded', 'failed', '--filter', 'tag : night'],
    'POST /v1/webhooks',
    { url: webhook.url, events: ['succeeded', 'failed'], filter: 'tag : night' },
  ],
  [['list'], 'GET /v1/webhooks', null],
  [['edit', webhook.id, '--filter', ''], `PATCH ${path}`, { filter: null }],
  [['enable', webhook.id], `PATCH ${path}`, { enabled: true }],
  [['disable', webhook.id], `PATCH ${path}`, { enabled: false }],
  [['rotate', webhook.id], `POST ${path}/rotate`, null],
  [['test', webhook.id], `POST ${path}/test`, null],
  [['deliveries', webhook.id], `GET ${path}/deliveries`, null],
  [['redeliver', webhook.id, delivery.id], `POST ${path}/deliveries/${delivery.id}/redeliver`, null],
  [['delete', webhook.id], `DELETE ${path}`, null],
])('webhooks %j sends %s', async (words, expected, body) => {
  const secret = { ...webhook, secret: 'whsec_c2VjcmV0' };
  const { env, requests } = await fakeService({
    'POST /v1/webhooks': json(secret, 201),
    'GET /v1/webhooks': json({ data: [webhook], nextCursor: null }),
    [`PATCH ${path}`]: json(webhook),
    [`POST ${path}/rotate`]: json(secret),
    [`POST ${path}/test`]: json(delivery, 202),
    [`GET ${path}/deliveries`]: json({ data: [delivery], nextCursor: null }),
    [`POST ${path}/deliveries/${delivery.id}/redeliver`]: json(delivery, 202),
    [`DELETE ${path}`]: (_, response) => void response.writeHead(204).end(),
  });
  const { terminal, written } = captureTerminal();
  expect(await run(['webhooks', ...words], terminal, env)).toBe(0);
  expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([expected]);
  expect(requests[0]?.body === '' ? null : JSON.parse(requests[0]?.body ?? '')).toEqual(body);
  const shown = { create: 'whsec_c2VjcmV0', rotate: 'whsec_c2VjcmV0', list: 'disabled: the receiver' }[words[0] ?? ''];
  const isOfDeliveries = /deliver|\/test/.test(expected);
  expect(written.out).toContain(shown ?? (isOfDeliveries ? 'answered 500' : words[1]?.slice(0, 4)));
});
