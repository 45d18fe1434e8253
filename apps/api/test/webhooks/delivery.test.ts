import type { WebhookDelivery } from '@trainyard/contracts';
import { eventually } from '@trainyard/test-kit';
import pg from 'pg';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { retrySeconds, WebhookSender, type WebhookSenderOptions } from '../../src/webhooks/webhookSender.js';
import { finish, startJob } from '../support/jobs.js';
import { type Service, startService, submit } from '../support/service.js';
import { ok, startReceiver } from './receiver.js';

let service: Service;
beforeAll(async () => {
  service = await startService({ privateWebhooks: true });
});
afterAll(() => service.close());

/** With times of milliseconds in place of seconds and hours. */
function startSender(options: Partial<WebhookSenderOptions> = {}): WebhookSender {
  const { db } = service;
  const fast = { pollMs: 20, firstRetrySeconds: 0.001, allowPrivate: true, logger: pino({ level: 'silent' }) };
  const sender = new WebhookSender({ db, ...fast, ...options });
  sender.start();
  onTestFinished(() => sender.stop());
  return sender;
}

async function receiver(answer: Parameters<typeof startReceiver>[0] = ok) {
  const started = await startReceiver(answer);
  onTestFinished(started.close);
  return started;
}

async function create(body: object): Promise<{ id: string; secret: string }> {
  const created = (await service.agent.post('/v1/webhooks').send(body).expect(201)).body;
  // Those of earlier tests would get the events of later ones.
  onTestFinished(async () => void (await service.agent.delete(`/v1/webhooks/${created.id}`)));
  return created;
}

const deliveries = async (id: string): Promise<WebhookDelivery[]> =>
  (await service.agent.get(`/v1/webhooks/${id}/deliveries`).expect(200)).body.data;
const ended = (id: string, count = 1) =>
  eventually('the end of the deliveries', async () => {
    const all = await deliveries(id);
    return all.length === count && all.every(({ state }) => state !== 'pending') && all;
  });

describe('an event of a job', () => {
  it('is sent once, small, and with a signature that the package of Standard Webhooks accepts', async () => {
    const { url, received } = await receiver();
    const { id, secret } = await create({ url });
    const { jobId, token } = await startJob(service, { name: 'night “1”', experiment: 'x' });
    await finish(service, token);
    for (let process = 0; process < 3; process++) startSender();
    const [delivery] = await ended(id);
    expect(delivery).toMatchObject({ state: 'delivered', jobId, attempts: [{ status: 204, error: null }] });
    expect(received).toHaveLength(1);
    const { headers, body } = received[0] as (typeof received)[0];
    expect(headers['webhook-id']).toBe(delivery?.id);
    const verified = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(verified).toEqual({
      type: 'job.succeeded',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      data: { jobId, name: 'night “1”', experiment: 'x', state: 'succeeded', attempt: 1, sequence: expect.any(Number) },
    });
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow(/signature/i);
  });

  it('is sent again under the same id until a receiver that fails five times accepts it', async () => {
    const { url, received } = await receiver((response, _, count) =>
      response.writeHead(count <= 5 ? 500 : 200).end('x'.repeat(100_000)),
    );
    const { id } = await create({ url });
    startSender();
    await service.agent.post(`/v1/webhooks/${id}/test`).expect(202);
    const [delivery] = await ended(id);
    expect(delivery?.state).toBe('delivered');
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([500, 500, 500, 500, 500, 200]);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect((await service.agent.get(`/v1/webhooks/${id}`)).body.failingSince).toBeNull();
  });

  it('reaches a receiver that hung at first, and others meanwhile', async () => {
    const hanging = await receiver((response, _, count) => count > 2 && ok(response));
    const other = await receiver();
    const [slow, quick] = [await create({ url: hanging.url }), await create({ url: other.url })];
    startSender({ timeoutMs: 300 });
    await service.agent.post(`/v1/webhooks/${slow.id}/test`).expect(202);
    await service.agent.post(`/v1/webhooks/${quick.id}/test`).expect(202);
    expect((await ended(quick.id))[0]?.state).toBe('delivered');
    const [delivery] = await ended(slow.id);
    const late = 'no answer within 0.3 s';
    expect(delivery?.attempts.map(({ error }) => error)).toEqual([late, late, null]);
  });

  it('does not follow a redirect, and is given up with the reason in the log', async () => {
    const inside = await receiver();
    const { url } = await receiver((response) => response.writeHead(307, { location: inside.url }).end());
    const { id } = await create({ url });
    startSender({ tryForSeconds: 0.05 });
    await service.agent.post(`/v1/webhooks/${id}/test`).expect(202);
    const [delivery] = await ended(id);
    expect(delivery?.state).toBe('failed');
    expect(delivery?.attempts.at(-1)).toMatchObject({ status: 307, error: 'answered 307: redirects are not followed' });
    expect(inside.received).toEqual([]);
  });

  it.each(['http://localhost:9/', 'http://127.0.0.1:9/', 'http://[::ffff:127.0.0.1]/', 'http://169.254.169.254/'])(
    'is not sent to %s without the setting, and the log says why',
    async (url) => {
      const { id } = await create({ url });
      startSender({ allowPrivate: false });
      await service.agent.post(`/v1/webhooks/${id}/test`).expect(202);
      const [delivery] = await ended(id);
      expect(delivery?.state).toBe('refused');
      expect(delivery?.attempts).toMatchObject([{ status: null, error: expect.stringContaining('no address of the') }]);
    },
  );

  it('is sent to a private host that the setting names, and to no other', async () => {
    const { url, received } = await receiver();
    const named = await create({ url: url.replace('127.0.0.1', 'localhost') });
    const other = await create({ url });
    startSender({ allowPrivate: ['localhost'] });
    for (const { id } of [named, other]) await service.agent.post(`/v1/webhooks/${id}/test`).expect(202);
    expect((await ended(named.id))[0]?.state).toBe('delivered');
    expect((await ended(other.id))[0]?.state).toBe('refused');
    expect(received).toHaveLength(1);
  });

  it('is not lost with a process that dies while it sends it', async () => {
    const { url, received } = await receiver();
    const { id } = await create({ url });
    await service.agent.post(`/v1/webhooks/${id}/test`).expect(202);
    // A process takes it and is gone.
    expect(await service.db.webhookDeliveries.claim(10, 0.2)).toHaveLength(1);
    expect(await service.db.webhookDeliveries.claim(10, 0.2)).toHaveLength(0);
    startSender();
    expect((await ended(id))[0]?.state).toBe('delivered');
    expect(received).toHaveLength(1);
  });

  it('is given back by a process that stops while it sends it', async () => {
    const { url } = await receiver();
    const silent = await receiver(() => {});
    const second = await create({ url: silent.url });
    await service.agent.post(`/v1/webhooks/${second.id}/test`).expect(202);
    const stopped = startSender();
    await eventually('the request', () => silent.received.length === 1);
    await stopped.stop();
    await service.agent.patch(`/v1/webhooks/${second.id}`).send({ url }).expect(200);
    startSender();
    expect((await ended(second.id))[0]?.attempts).toMatchObject([{ status: 204 }]);
  });

  it('is sent only of the types and jobs that the webhook names, of its own project', async () => {
    const { url, received } = await receiver();
    const { id } = await create({ url, events: ['cancelled', 'submitted'], filter: 'tag = wanted' });
    const { secret } = await service.db.keys.create({ name: 'x', role: 'submitter', project: 'other' });
    await service.anonymous.post('/v1/jobs').set('authorization', `Bearer ${secret}`).send({ architecture: 'lenet' });
    const wanted = await submit(service, { tags: ['wanted'] });
    const other = await submit(service);
    for (const job of [wanted, other]) await service.agent.post(`/v1/jobs/${job}/cancel`).expect(202);
    startSender();
    const all = await ended(id, 2);
    expect(all.map(({ jobId }) => jobId)).toEqual([wanted, wanted]);
    const types = received.map(({ body }) => JSON.parse(body).type);
    expect(types.toSorted()).toEqual(['job.cancelled', 'job.submitted']);
  });

  it('is signed by both secrets after a rotation', async () => {
    const { url, received } = await receiver();
    const { id, secret } = await create({ url });
    const rotated = (await service.agent.post(`/v1/webhooks/${id}/rotate`).expect(200)).body;
    expect(rotated.secret).not.toBe(secret);
    startSender();
    await service.agent.post(`/v1/webhooks/${id}/test`).expect(202);
    const [delivery] = await ended(id);
    await service.agent.post(`/v1/webhooks/${id}/deliveries/${delivery?.id}/redeliver`).expect(202);
    await eventually('the redelivery', () => received.length === 2);
    for (const { headers, body } of received) {
      expect(headers['webhook-id']).toBe(delivery?.id);
      for (const each of [secret, rotated.secret]) new Webhook(each).verify(body, headers as Record<string, string>);
    }
  });

  it('ends a webhook whose receiver is gone, or that has failed for long: said in the audit', async () => {
    const { url } = await receiver((response, { path }) => response.writeHead(path.endsWith('gone') ? 410 : 503).end());
    const gone = await create({ url: `${url}/gone` });
    const failing = await create({ url });
    startSender({ tryForSeconds: 0.05, disableAfterSeconds: 0 });
    for (const { id } of [gone, failing]) await service.agent.post(`/v1/webhooks/${id}/test`).expect(202);
    for (const { id } of [gone, failing]) {
      await eventually('the end of the webhook', async () => {
        const { body } = await service.agent.get(`/v1/webhooks/${id}`);
        return !body.enabled && body.disabledReason !== null;
      });
      const { body } = await service.agent.get(`/v1/audit?object=${id}`).expect(200);
      expect(body.data.map(({ action }: { action: string }) => action)).toContain('webhook disabled');
      await service.agent.post(`/v1/webhooks/${id}/test`).expect(409);
      const enabled = await service.agent.patch(`/v1/webhooks/${id}`).send({ enabled: true }).expect(200);
      expect(enabled.body).toMatchObject({ enabled: true, disabledReason: null, failingSince: null });
    }
  });
});

it('the attempts of a day are a dozen, with up to a fifth more or less between them', () => {
  let seconds = 0;
  let attempts = 1;
  for (; seconds < 24 * 3600; attempts++) seconds += retrySeconds(attempts, 5, 0.5);
  expect(attempts).toBe(13);
  expect([0, 0.5, 1].map((random) => Math.round(retrySeconds(2, 5, random)))).toEqual([16, 20, 24]);
});

it('the end of an attempt and a deletion of its webhook at the same time do not wait for each other', async () => {
  const { id } = await create({ url: 'http://127.0.0.1:9/' });
  await service.agent.post(`/v1/webhooks/${id}/test`).expect(202);
  const { webhookDeliveries } = service.db;
  const claimed = (await webhookDeliveries.claim(10, 30)).find(({ webhookId }) => webhookId === id);
  if (!claimed) throw new Error('the delivery was not claimed');
  const other = new pg.Client(service.databaseUrl);
  await other.connect();
  onTestFinished(() => other.end());
  // A deletion locks the webhook, and then its deliveries.
  await other.query('BEGIN');
  await other.query('SELECT FROM webhooks WHERE id = $1 FOR UPDATE', [id]);
  const entry = { at: new Date().toISOString(), status: 500, seconds: 0.001, error: 'answered 500' };
  const end = webhookDeliveries.end(claimed, { entry, state: 'pending', retrySeconds: 60 });
  await eventually('the end waits for a lock', async () => {
    const { rows } = await other.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'
      AND datname = current_database()`);
    return rows.length > 0;
  });
  await other.query('DELETE FROM webhooks WHERE id = $1', [id]);
  await other.query('COMMIT');
  await end;
  expect((await service.agent.get(`/v1/webhooks/${id}`)).status).toBe(404);
});
