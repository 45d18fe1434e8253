import type { AddressInfo } from 'node:net';
import v8 from 'node:v8';
import vm from 'node:vm';
import { eventually } from '@trainyard/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxWaiting } from '#services/waits.js';
import { finish, startJob } from '../../support/jobs.js';
import { listen, type Service, startService, submit } from '../../support/service.js';

let service: Service;
beforeAll(async () => {
  // Polling is too rare to matter here: the answer must come by notification.
  service = await startService({ eventPollSeconds: 600 });
  await listen(service);
});
afterAll(() => service.close());

const waiting = () => service.app.liveEvents.subscribers;
/** Sends the request now, and returns its answer when it comes. */
const get = (path: string, headers: Record<string, string> = {}, { app, admin }: Service = service) => {
  const { port } = app.server.address() as AddressInfo;
  const authorization = `Bearer ${admin.secret}`;
  return fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization, ...headers } });
};

describe('GET /v1/jobs/{id}?wait=', () => {
  it('answers when the job has ended', async () => {
    const { jobId, token } = await startJob(service);
    const answer = get(`/v1/jobs/${jobId}?wait=60`);
    await eventually('the wait', () => waiting() === 1);
    await finish(service, token);
    expect(await (await answer).json()).toMatchObject({ state: 'succeeded', terminal: true });
    expect(waiting()).toBe(0);
  });

  it('answers at once for a job that has ended, also with its ETag', async () => {
    const id = await submit(service);
    await service.agent.post(`/v1/jobs/${id}/cancel`).expect(202);
    const { headers } = await service.agent.get(`/v1/jobs/${id}?wait=60`).expect(200);
    await service.agent.get(`/v1/jobs/${id}?wait=60`).set('if-none-match', String(headers.etag)).expect(304);
  });

  it('answers with the job as it is when the time is over', async () => {
    const id = await submit(service);
    const { body } = await service.agent.get(`/v1/jobs/${id}?wait=1`).expect(200);
    expect(body).toMatchObject({ id, terminal: false });
  });

  it('answers when the time is over, although memory is collected meanwhile', async () => {
    const id = await submit(service);
    v8.setFlagsFromString('--expose-gc');
    const collecting = setInterval(vm.runInNewContext('gc') as () => void, 50);
    try {
      await service.agent.get(`/v1/jobs/${id}?wait=1`).timeout(10_000).expect(200);
    } finally {
      clearInterval(collecting);
    }
  });

  it('with If-None-Match answers when the job has changed', async () => {
    const { jobId } = await startJob(service);
    const { headers } = await service.agent.get(`/v1/jobs/${jobId}`).expect(200);
    const answer = get(`/v1/jobs/${jobId}?wait=60`, { 'if-none-match': String(headers.etag) });
    await eventually('the wait', () => waiting() === 1);
    await service.agent.patch(`/v1/jobs/${jobId}`).send({ name: 'night' }).expect(200);
    expect(await (await answer).json()).toMatchObject({ name: 'night', state: 'running' });
  });

  it('leaves no subscription behind when the client disconnects', async () => {
    const id = await submit(service);
    const { port } = service.app.server.address() as AddressInfo;
    const headers = { authorization: `Bearer ${service.admin.secret}` };
    const leaving = new AbortController();
    const url = `http://127.0.0.1:${port}/v1/jobs/${id}?wait=60`;
    const answer = fetch(url, { headers, signal: leaving.signal }).catch(() => 'left');
    await eventually('the wait', () => waiting() === 1);
    leaving.abort();
    expect(await answer).toBe('left');
    await eventually('the end of the wait', () => waiting() === 0);
  });

  it.each(['61', '-1', '1.5', 'abc', ''])('is refused for %j', async (wait) => {
    const id = await submit(service);
    const { body } = await service.agent.get(`/v1/jobs/${id}`).query({ wait }).expect(400);
    expect(body.errors).toMatchObject([{ pointer: '/wait' }]);
  });

  it('is answered at once where 200 requests of the key wait, and other keys wait still', async () => {
    const id = await submit(service);
    const leaving = new AbortController();
    const { port } = service.app.server.address() as AddressInfo;
    const ask = (secret: string) =>
      fetch(`http://127.0.0.1:${port}/v1/jobs/${id}?wait=60`, {
        headers: { authorization: `Bearer ${secret}` },
        signal: leaving.signal,
      }).catch(() => null);
    const answers = Array.from({ length: maxWaiting }, () => ask(service.admin.secret));
    await eventually('all waits', () => waiting() === maxWaiting);
    expect(await (await ask(service.admin.secret))?.json()).toMatchObject({ id, state: 'queued' });
    const { secret } = await service.db.keys.create({ name: 'other', role: 'reader', project: 'default' });
    answers.push(ask(secret));
    await eventually('a wait of the other key', () => waiting() === maxWaiting + 1);
    leaving.abort();
    await Promise.all(answers);
    await eventually('the end of all waits', () => waiting() === 0);
  });

  it('of another project’s job is 404 at once', async () => {
    const id = await submit(service);
    const { secret } = await service.db.keys.create({ name: 'x', role: 'reader', project: 'other' });
    await service.anonymous.get(`/v1/jobs/${id}?wait=60`).set('authorization', `Bearer ${secret}`).expect(404);
  });

  it('is answered when the service closes', async () => {
    const other = await startService({ eventPollSeconds: 600 });
    await listen(other);
    const id = await submit(other);
    const answer = get(`/v1/jobs/${id}?wait=60`, {}, other);
    await eventually('the wait', () => other.app.liveEvents.subscribers === 1);
    await other.close();
    expect(await (await answer).json()).toMatchObject({ id, state: 'queued' });
  });
});
