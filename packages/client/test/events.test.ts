import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type Handler, json, service } from './service.js';

const open: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(open.splice(0).map((close) => close())));
const start = async (handler: Handler) => {
  const started = await service(handler);
  open.push(started.close);
  return started;
};

const event = (sequence: number, type = 'epoch') =>
  `id: ${sequence}\nevent: ${type}\ndata: ${JSON.stringify({ sequence, type, data: { text: 'ä' } })}\n\n`;
const begin = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const collect = async (events: AsyncIterable<{ sequence: number }>) => {
  const sequences: number[] = [];
  for await (const { sequence } of events) sequences.push(sequence);
  return sequences;
};

describe('the stream of events', () => {
  it('ends when the service says that the job is at its end', async () => {
    const { client, requests } = await start((_, response) => {
      begin(response).end(`${event(1)}: still here\n\n${event(2, 'succeeded')}event: end\ndata: {}\n\n`);
    });
    expect(await collect(client.events('job_1'))).toEqual([1, 2]);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers).toMatchObject({ accept: 'text/event-stream', 'last-event-id': '0' });
  });

  it('goes on after the last event when the connection breaks, even within an event', async () => {
    let connections = 0;
    const { client, requests } = await start((_, response) => {
      connections += 1;
      if (connections === 1) {
        begin(response).write(event(4) + event(5).slice(0, 20));
        setTimeout(() => response.destroy(), 50);
      } else begin(response).end(`${event(5)}event: end\ndata: {}\n\n`);
    });
    expect(await collect(client.events('job_1', { after: 3 }))).toEqual([4, 5]);
    expect(requests.map((r) => r.headers['last-event-id'])).toEqual(['3', '4']);
  });

  it('goes on after the service was away for a while', async () => {
    let connections = 0;
    const { client } = await start((_, response) => {
      connections += 1;
      if (connections < 3) json(response, {}, 503);
      else begin(response).end(`${event(1)}event: end\ndata: {}\n\n`);
    });
    expect(await collect(client.events('job_1'))).toEqual([1]);
  });

  it('gives up when the service stays away', async () => {
    const { client } = await start((_, response) => json(response, {}, 503));
    await expect(collect(client.events('job_1', { giveUpAfterSeconds: 0.1 }))).rejects.toMatchObject({ status: 503 });
  });

  it('throws at once for a job that does not exist', async () => {
    const { client, requests } = await start((_, response) => json(response, {}, 404));
    await expect(collect(client.events('job_1'))).rejects.toMatchObject({ status: 404 });
    expect(requests).toHaveLength(1);
  });

  it('ends without an error when it is aborted', async () => {
    const stop = new AbortController();
    const { client } = await start((_, response) => begin(response).write(event(1)));
    const sequences: number[] = [];
    for await (const { sequence } of client.events('job_1', { signal: stop.signal })) {
      sequences.push(sequence);
      setTimeout(() => stop.abort(), 20);
    }
    expect(sequences).toEqual([1]);
  });

  it('closes its connection when the caller stops reading', async () => {
    let closed: () => void;
    const wasClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { client } = await start((_, response) => {
      begin(response).write(event(1));
      response.on('close', () => closed());
    });
    for await (const _ of client.events('job_1')) break;
    await wasClosed;
  });
});
