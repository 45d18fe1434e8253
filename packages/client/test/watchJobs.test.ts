import { afterEach, describe, expect, it } from 'vitest';
import { type Handler, json, service } from './service.js';

const open: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(open.splice(0).map((close) => close())));
const start = async (handler: Handler) => {
  const started = await service(handler);
  open.push(started.close);
  return started;
};

const running = (id: string, epoch = 1) => ({ id, state: 'running', terminal: false, progress: { epoch } });
const ended = (id: string) => ({ id, state: 'succeeded', terminal: true, progress: null });

/** Ids that a request asks for. */
const asked = (url: string | undefined): string[] =>
  [...(new URL(url ?? '', 'http://x').searchParams.get('filter') ?? '').matchAll(/"([^"]+)"/g)].map(
    ([, id = '']) => id,
  );

async function collect(answers: AsyncIterable<{ id: string; state: string }[]>) {
  const seen: string[][] = [];
  for await (const jobs of answers) seen.push(jobs.map(({ id, state }) => `${id} ${state}`));
  return seen;
}

describe('watching jobs', () => {
  it('yields each of them, then those that have changed, and asks only for those that have not ended', async () => {
    const rounds = [[running('a'), running('b'), ended('c')], [running('a'), ended('b')], [ended('a')]];
    const { client, requests } = await start((_, response) =>
      json(response, { data: rounds[requests.length - 1], nextCursor: null }),
    );
    expect(await collect(client.watchJobs(['a', 'b', 'c']))).toEqual([
      ['a running', 'b running', 'c succeeded'],
      ['b succeeded'],
      ['a succeeded'],
    ]);
    expect(requests.map(({ url }) => asked(url))).toEqual([['a', 'b', 'c'], ['a', 'b'], ['a']]);
  });

  it('asks for a hundred in a request', async () => {
    const ids = Array.from({ length: 150 }, (_, i) => `job_${i}`);
    const { client, requests } = await start(({ url }, response) =>
      json(response, { data: asked(url).map(ended), nextCursor: null }),
    );
    expect((await collect(client.watchJobs(ids))).flat()).toHaveLength(150);
    expect(requests.map(({ url }) => asked(url).length)).toEqual([100, 50]);
  });

  it('goes on after the service was away for a while', async () => {
    const { client, requests } = await start((_, response) => {
      if (requests.length === 1) response.destroy();
      else if (requests.length === 2) json(response, {}, 503);
      else json(response, { data: [ended('a')], nextCursor: null });
    });
    expect(await collect(client.watchJobs(['a']))).toEqual([['a succeeded']]);
  });

  it('gives up when the service stays away', async () => {
    const { client } = await start((_, response) => json(response, {}, 503));
    await expect(collect(client.watchJobs(['a'], { giveUpAfterSeconds: 0.1 }))).rejects.toMatchObject({ status: 503 });
  });

  it('throws for an id that is no job’s, and forgets a job that was deleted meanwhile', async () => {
    const { client, requests } = await start(({ url }, response) => {
      if (!url?.includes('filter')) json(response, {}, 404);
      else json(response, { data: requests.length === 1 ? [running('a')] : [], nextCursor: null });
    });
    expect(await collect(client.watchJobs(['a']))).toEqual([['a running'], []]);
    await expect(collect(client.watchJobs(['b']))).rejects.toMatchObject({ status: 404 });
  });

  it('ends without an error when it is aborted', async () => {
    const stop = new AbortController();
    const { client } = await start((_, response) => json(response, { data: [running('a')], nextCursor: null }));
    setTimeout(() => stop.abort(), 50);
    expect(await collect(client.watchJobs(['a'], { signal: stop.signal }))).toEqual([['a running']]);
  });
});
