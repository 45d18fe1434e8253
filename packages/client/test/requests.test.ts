import { afterEach, describe, expect, it } from 'vitest';
import { ProblemError, TrainyardClient, UnreachableError } from '../src/index.js';
import { type Handler, json, service } from './service.js';

const open: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(open.splice(0).map((close) => close())));
const start = async (handler: Handler) => {
  const started = await service(handler);
  open.push(started.close);
  return started;
};

describe('the client', () => {
  it('sends the key, the spec and the idempotency key', async () => {
    const { client, requests } = await start((_, response) => json(response, { id: 'job_1' }, 202));
    expect(await client.submit({ architecture: 'lenet' }, { idempotencyKey: 'k1' })).toEqual({ id: 'job_1' });
    expect(requests[0]).toMatchObject({
      method: 'POST',
      url: '/v1/jobs',
      body: '{"architecture":"lenet"}',
      headers: { authorization: 'Bearer secret', 'idempotency-key': 'k1', 'content-type': 'application/json' },
    });
  });

  it('keeps a path before /v1 and lists a state more than once', async () => {
    const { baseUrl, requests } = await start((_, response) => json(response, { data: [], nextCursor: null }));
    const client = new TrainyardClient({ baseUrl: `${baseUrl}/yard`, apiKey: 'secret' });
    await client.jobs({ state: ['queued', 'running'], limit: 3 });
    expect(requests[0]?.url).toBe('/yard/v1/jobs?state=queued&state=running&limit=3');
  });

  it('walks over every page', async () => {
    const pages: Record<string, unknown> = {
      '/v1/jobs?experiment=e': { data: [{ id: 'a' }, { id: 'b' }], nextCursor: 'n x' },
      '/v1/jobs?experiment=e&cursor=n+x': { data: [{ id: 'c' }], nextCursor: null },
    };
    const { client } = await start(({ url = '' }, response) => json(response, pages[url]));
    const ids: string[] = [];
    for await (const job of client.allJobs({ experiment: 'e' })) ids.push(job.id);
    expect(ids).toEqual(['a', 'b', 'c']);
  });

  it('throws a problem with its code, status and every fault', async () => {
    const errors = [{ pointer: '/batchSize', detail: 'must be at least 1' }];
    const body = { type: 'x', title: 't', status: 422, detail: 'the spec has one fault', code: 'invalid_spec', errors };
    const { client } = await start((_, response) => json(response, body, 422, 'application/problem+json'));
    const error = await client.submit({ architecture: 'lenet' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ status: 422, code: 'invalid_spec', errors, message: 'the spec has one fault' });
  });

  it('makes a problem of an answer that is none, such as a proxy’s page', async () => {
    const { client } = await start((_, response) => {
      response.writeHead(502, { 'retry-after': '7' });
      response.end('<html>');
    });
    await expect(client.workers()).rejects.toMatchObject({ status: 502, code: 'unavailable', retryAfterSeconds: 7 });
  });

  it('says that what answers is no service, where it answers 200 with a page', async () => {
    const { client } = await start((_, response) => response.writeHead(200).end('<html>'));
    await expect(client.workers()).rejects.toThrow(/answers, but is no Trainyard service/);
  });

  it('says that the connection broke, where it breaks within an answer', async () => {
    const { client, baseUrl } = await start((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"data":', () => response.destroy());
    });
    await expect(client.workers()).rejects.toThrow(`cannot reach ${baseUrl}: `);
  });

  it('says whom it could not reach, and why', async () => {
    const { client, baseUrl, close } = await start(() => {});
    await close();
    await expect(client.job('job_1')).rejects.toThrow(UnreachableError);
    await expect(client.job('job_1')).rejects.toThrow(`cannot reach ${baseUrl}: connect ECONNREFUSED`);
  });

  it('cannot be led to another path by an id', async () => {
    const { client, requests } = await start((_, response) => json(response, {}));
    await client.job('../../admin?x=1');
    expect(requests[0]?.url).toBe('/v1/jobs/..%2F..%2Fadmin%3Fx%3D1');
  });

  it('reports what is not ready, without an error', async () => {
    const body = { ready: false, checks: { database: { ok: false } } };
    const { client } = await start((_, response) => json(response, body, 503));
    expect(await client.health()).toEqual(body);
  });

  it('opens a download with its name, size and digest, and takes no folders from the service', async () => {
    const { client, requests } = await start((_, response) => {
      response.writeHead(200, {
        'content-length': 3,
        etag: `"${'ab'.repeat(32)}"`,
        'content-disposition': 'attachment; filename="../../etc/x.zip"',
      });
      response.end('abc');
    });
    const { stream, ...rest } = await client.download('job_1', 12, 'safetensors');
    expect(rest).toEqual({ fileName: 'x.zip', bytes: 3, sha256: 'ab'.repeat(32) });
    expect(await new Response(stream).text()).toBe('abc');
    expect(requests[0]?.url).toBe('/v1/jobs/job_1/checkpoints/12/download?format=safetensors');
  });
});
