import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { TrainyardClient, UnreachableError } from '../src/index.js';
import { json, service } from './service.js';

const open: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(open.splice(0).map((close) => close())));

const problem = (response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}) => {
  const body = { type: 'x', title: code, status, code, detail: code };
  response.writeHead(status, { 'content-type': 'application/problem+json', ...headers }).end(JSON.stringify(body));
};

/** A service that answers with the given failures, in turn, and then with the job. */
async function start(failures: ((response: ServerResponse) => void)[]) {
  const started = await service((_, response) => {
    const failure = failures[started.requests.length - 1];
    if (failure) failure(response);
    else json(response, { id: 'job_1' }, 202);
  });
  open.push(started.close);
  return started;
}

const spec = { architecture: 'lenet' } as const;

describe('a submission is sent again', () => {
  it.each<[string, (response: ServerResponse) => void, number]>([
    ['a reset connection', (response) => response.destroy(), 1],
    [
      'a connection that breaks within the answer',
      (response) => response.writeHead(202, { 'content-length': 99 }).write('{', () => response.destroy()),
      1,
    ],
    ['a bad gateway', (response) => response.writeHead(502).end('<html>'), 1],
    ['a service that is away', (response) => problem(response, 503, 'unavailable', { 'retry-after': '2' }), 2],
    ['too many requests', (response) => problem(response, 429, 'rate_limited', { 'retry-after': '1' }), 1],
    ['too many requests for a proxy', (response) => response.writeHead(429).end(), 1],
  ])('after %s, with the same key', async (_, failure, seconds) => {
    const { client, requests } = await start([failure]);
    const waits: number[] = [];
    const job = await client.submit(spec, { onRetry: (_error, wait) => waits.push(wait) });
    expect(job).toEqual({ id: 'job_1' });
    expect(waits).toEqual([seconds]);
    const keys = requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    await client.submit(spec);
    expect(requests[2]?.headers['idempotency-key']).not.toBe(keys[0]);
  });

  it('no more often than asked for; the last error is thrown', async () => {
    const away = (response: ServerResponse) => problem(response, 503, 'unavailable');
    const { client, requests } = await start(Array(9).fill(away));
    await expect(client.submit(spec, { retries: 1 })).rejects.toMatchObject({ status: 503 });
    expect(requests).toHaveLength(2);
  });

  it('until the signal is aborted', async () => {
    const { client } = await start(Array(9).fill((response: ServerResponse) => response.destroy()));
    const stop = new AbortController();
    const onRetry = () => stop.abort(new Error('enough'));
    await expect(client.submit(spec, { signal: stop.signal, onRetry })).rejects.toThrow();
  });

  it('when the connection was refused', async () => {
    const { baseUrl, close } = await start([]);
    await close();
    const waits: number[] = [];
    const client = new TrainyardClient({ baseUrl, apiKey: 'secret' });
    const options = { retries: 1, onRetry: (_error: Error, wait: number) => waits.push(wait) };
    await expect(client.submit(spec, options)).rejects.toThrow(UnreachableError);
    expect(waits).toEqual([1]);
  });
});

describe('a submission is not sent again', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['a faulty spec', (response) => problem(response, 422, 'invalid_spec')],
    ['an error of the service', (response) => problem(response, 500, 'internal')],
    ['a full quota', (response) => problem(response, 429, 'quota_exceeded', { 'retry-after': '10' })],
    ['a long Retry-After', (response) => problem(response, 503, 'unavailable', { 'retry-after': '3600' })],
    [
      'a Retry-After that is a far time',
      (response) => response.writeHead(503, { 'retry-after': new Date(Date.now() + 9e6).toUTCString() }).end(),
    ],
  ])('after %s', async (_, failure) => {
    const { client, requests } = await start([failure]);
    await expect(client.submit(spec)).rejects.toThrow();
    expect(requests).toHaveLength(1);
  });

  it('to a name that does not exist', async () => {
    let retries = 0;
    // A machine without a network gets another code from its resolver, so the name is not looked up.
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND nowhere'), { code: 'ENOTFOUND' });
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause }));
    const client = new TrainyardClient({ baseUrl: 'http://nowhere', apiKey: 'secret', fetch });
    await expect(client.submit(spec, { onRetry: () => retries++ })).rejects.toThrow('ENOTFOUND nowhere');
    expect(retries).toBe(0);
  });
});

describe('a request that only reads is sent again', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['a reset connection', (response) => response.destroy()],
    [
      'a connection that breaks within the answer',
      (response) => response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
  ])('after %s', async (_, failure) => {
    const { client, requests } = await start([failure, failure]);
    expect(await client.job('job_1')).toEqual({ id: 'job_1' });
    expect(requests).toHaveLength(3);
  });

  it('where a download breaks before its first byte', async () => {
    const { client, requests } = await start([
      (response) => response.destroy(),
      (response) =>
        response.writeHead(200, { 'repr-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` }).end('weights'),
    ]);
    const { stream } = await client.download('job_1', 'best', 'safetensors');
    expect(await new Response(stream).text()).toBe('weights');
    expect(requests).toHaveLength(2);
  });

  it('three times at most, and a request that changes something not once', async () => {
    const reset = (response: ServerResponse) => response.destroy();
    const { client, requests } = await start(Array(9).fill(reset));
    await expect(client.job('job_1')).rejects.toThrow(UnreachableError);
    expect(requests).toHaveLength(4);
    await expect(client.cancel('job_1')).rejects.toThrow(UnreachableError);
    expect(requests).toHaveLength(5);
  });
});
