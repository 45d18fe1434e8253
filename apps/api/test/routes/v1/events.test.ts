import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TrainyardClient } from '@trainyard/client';
import type { JobEvent } from '@trainyard/contracts';
import { openDatabase } from '@trainyard/db';
import { eventually } from '@trainyard/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from '../../../src/app.js';
import { finish, startJob } from '../../support/jobs.js';
import { type Service, startService, submit } from '../../support/service.js';

let service: Service;
let baseUrl = '';
let client: TrainyardClient;
beforeAll(async () => {
  // Polling is too rare to matter here: events must arrive by notification.
  service = await startService({ eventPollSeconds: 600 });
  await service.app.listen({ host: '127.0.0.1', port: 0 });
  baseUrl = `http://127.0.0.1:${(service.app.server.address() as AddressInfo).port}`;
  client = new TrainyardClient({ baseUrl, apiKey: service.admin.secret });
});
afterAll(() => service.close());

const types = (events: JobEvent[]) => events.map(({ type }) => type);
const collect = async (events: AsyncIterable<JobEvent>) => {
  const all: JobEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
};

/**
 * Opens a stream without the client. Returns the text received so far, and the response, which the test can destroy.
 */
async function openStream(id: string, headers: Record<string, string> = {}) {
  const authorization = `Bearer ${service.admin.secret}`;
  const url = `${baseUrl}/v1/jobs/${id}/events`;
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get(url, { headers: { authorization, accept: 'text/event-stream', ...headers } }, resolve).on('error', reject),
  );
  const stream = { response, text: '', ended: false };
  response.setEncoding('utf8');
  response.on('data', (chunk) => {
    stream.text += chunk;
  });
  response.on('error', () => {});
  response.on('end', () => {
    stream.ended = true;
  });
  return stream;
}
const open = () => service.app.liveEvents.subscribers;

describe('events of a job', () => {
  it('are paged by cursor', async () => {
    const { jobId } = await startJob(service);
    const { body } = await service.agent.get(`/v1/jobs/${jobId}/events?limit=1`).expect(200);
    expect(body.data).toMatchObject([{ sequence: 1, type: 'submitted' }]);
    expect(body.nextCursor).toBe('1');
    const next = await service.agent.get(`/v1/jobs/${jobId}/events?after=1`).expect(200);
    expect(next.body.data[0].sequence).toBe(2);
    expect(next.body.nextCursor).toBeNull();
  });

  it('are streamed live, and the stream ends with the job', async () => {
    const { jobId, token } = await startJob(service);
    const events = collect(client.events(jobId));
    await eventually('the subscription', () => open() > 0);
    await finish(service, token);
    const all = await events;
    expect(types(all)).toEqual(expect.arrayContaining(['submitted', 'started', 'epoch', 'succeeded']));
    expect(all.map((e) => e.sequence)).toEqual(all.map((_, i) => i + 1));
    expect(open()).toBe(0);
  });

  it('of a terminal job are streamed completely, and the stream ends at once', async () => {
    const id = await submit(service);
    await client.cancel(id);
    expect(types(await collect(client.events(id))).at(-1)).toBe('cancelled');
    expect(await collect(client.events(id, { after: 99 }))).toEqual([]);
  });

  it('continue after Last-Event-ID', async () => {
    const id = await submit(service);
    await client.cancel(id);
    const stream = await openStream(id, { 'last-event-id': '1' });
    await eventually('the end of the stream', () => stream.ended);
    expect(stream.text).not.toContain('id: 1\n');
    expect(stream.text).toContain('id: 2\n');
    expect(stream.text.trimEnd().endsWith('event: end\ndata: {"state":"cancelled"}')).toBe(true);
    expect(stream.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  });

  it.each(['2147483648', 'abc', '-1', '1.5', '0x1'])('are not streamed after Last-Event-ID %s', async (sent) => {
    const id = await submit(service);
    const { body } = await service.agent
      .get(`/v1/jobs/${id}/events`)
      .set({ accept: 'text/event-stream', 'last-event-id': sent })
      .expect(400);
    expect(body.errors).toMatchObject([{ pointer: '/last-event-id' }]);
  });

  it('are a page in spite of Last-Event-ID without a stream', async () => {
    const id = await submit(service);
    const { body } = await service.agent.get(`/v1/jobs/${id}/events`).set('last-event-id', '1').expect(200);
    expect(body.data).toMatchObject([{ sequence: 1 }]);
  });

  it.each([
    ['text/event-stream', true],
    ['TEXT/Event-Stream', true],
    ['text/*', true],
    ['application/json, text/event-stream', true],
    ['text/event-stream;q=0.9, application/json;q=0.8', true],
    ['text/event-stream;q=0.8, application/json', false],
    ['text/event-stream;q=0', false],
    ['text/event-stream; q=0.000, */*', false],
    ['text/*, text/event-stream;q=0', false],
    ['*/*', false],
    ['text/html', false],
    ['text/event-stream-2', false],
  ])('for Accept: %s are a stream: %s', async (accept, isStream) => {
    const id = await submit(service);
    await client.cancel(id);
    for (const method of ['get', 'head'] as const) {
      const { headers, text = '' } = await service.agent[method](`/v1/jobs/${id}/events`).set({ accept }).expect(200);
      expect(headers['content-type']).toMatch(isStream ? /^text\/event-stream/ : /^application\/json/);
      expect(text === '').toBe(method === 'head');
    }
  });

  it('answer HEAD as GET without a body, and hold no subscription then', async () => {
    const { jobId } = await startJob(service);
    const { headers } = await service.agent.head(`/v1/jobs/${jobId}/events`).set('accept', 'text/event-stream');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'text/event-stream' });
    expect(headers['content-length']).toBeUndefined();
    expect(open()).toBe(0);
  });

  it('continue after a retry, past the earlier end of the job', async () => {
    const id = await submit(service);
    await client.cancel(id);
    await client.retry(id);
    const stream = await openStream(id);
    await eventually('the retry', () => stream.text.includes('event: retried'));
    expect(stream.ended).toBe(false);
    await client.cancel(id);
    await eventually('the end of the stream', () => stream.ended);
  });

  it('leave no subscription behind when clients disconnect', async () => {
    const { jobId } = await startJob(service);
    const streams = await Promise.all(Array.from({ length: 20 }, () => openStream(jobId)));
    await eventually('all streams', () => open() === 20);
    for (const { response } of streams) response.socket.destroy();
    await eventually('the end of all subscriptions', () => open() === 0);
    expect((await client.job(jobId)).state).toBe('running');
  });
});

describe('a stream whose notifications are lost', () => {
  it('finds new events by polling', async () => {
    const db = await openDatabase(service.databaseUrl);
    db.listen = async () => () => {};
    const deaf = await buildApp({ ...service.options, db, eventPollSeconds: 0.05 });
    const address = await deaf.listen({ host: '127.0.0.1', port: 0 });
    const { jobId, token } = await startJob(service);
    const events = collect(new TrainyardClient({ baseUrl: address, apiKey: service.admin.secret }).events(jobId));
    await eventually('the subscription', () => deaf.liveEvents.subscribers > 0);
    await finish(service, token);
    expect(types(await events).at(-1)).toBe('succeeded');
    await deaf.close();
    await db.close();
  });
});

describe('a stream that is open when the service closes', () => {
  it('ends, and lets the service close', async () => {
    const other = await startService();
    await other.app.listen({ host: '127.0.0.1', port: 0 });
    const port = (other.app.server.address() as AddressInfo).port;
    const { jobId } = await startJob(other);
    const response = await fetch(`http://127.0.0.1:${port}/v1/jobs/${jobId}/events`, {
      headers: { authorization: `Bearer ${other.admin.secret}`, accept: 'text/event-stream' },
    });
    let text = '';
    const ended = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
    })();
    await eventually('the events so far', () => text.includes('event: started'));
    await other.close();
    await ended;
    expect(text).not.toContain('event: end');
  });
});
