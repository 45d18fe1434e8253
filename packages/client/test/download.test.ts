import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { FileChangedError } from '../src/index.js';
import { json, service } from './service.js';

const open: (() => Promise<void>)[] = [];
afterEach(() => Promise.all(open.splice(0).map((close) => close())));

const contentOf = (letter: string) => Buffer.from(letter.repeat(100_000));
const digest = (content: Buffer, encoding: 'hex' | 'base64') => createHash('sha256').update(content).digest(encoding);

interface Breaks {
  /** Bytes after which the connection of each answer is reset, in turn; none: the answer is complete. */
  after: number[];
  /** Changes the file before the answer of this number. */
  changedAt?: number;
  ignoresRange?: boolean;
  /** Answers of these numbers are 503. */
  away?: number[];
}

/** A service with one file, on a connection that breaks. */
async function start({ after, changedAt = -1, ignoresRange = false, away = [] }: Breaks) {
  let answers = 0;
  const started = await service((request, response) => {
    const number = answers++;
    if (away.includes(number)) return json(response, {}, 503);
    sendFile(request, response, {
      content: contentOf(changedAt >= 0 && number >= changedAt ? 'b' : 'a'),
      cut: after[number],
      ignoresRange,
    });
  });
  open.push(started.close);
  return started;
}

function sendFile(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { content, cut, ignoresRange }: { content: Buffer; cut: number | undefined; ignoresRange: boolean },
): void {
  const etag = `"${digest(content, 'hex')}"`;
  const wantsPart = !ignoresRange && headers.range !== undefined && headers['if-range'] === etag;
  const from = wantsPart ? Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]) : 0;
  response.writeHead(wantsPart ? 206 : 200, {
    etag,
    'repr-digest': `sha-256=:${digest(content, 'base64')}:`,
    'content-length': content.length - from,
    'content-disposition': `attachment; filename="${content.toString('latin1', 0, 1)}.zip"`,
    ...(wantsPart ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
  });
  const part = content.subarray(from);
  if (cut === undefined || cut >= part.length) response.end(part);
  else response.write(part.subarray(0, cut), () => setTimeout(() => response.destroy(), 50));
}

describe('a download on a connection that breaks', () => {
  it('goes on after the last byte, and is the whole file', async () => {
    const { client, requests } = await start({ after: [40_000, 30_000] });
    const download = await client.download('job_1', 'best');
    const content = await buffer(download.stream);
    expect(content.equals(contentOf('a'))).toBe(true);
    expect(download).toMatchObject({ fileName: 'a.zip', bytes: 100_000, sha256: digest(content, 'hex') });
    const [first, ...later] = requests;
    expect(first?.headers).not.toHaveProperty('range');
    expect(later.map(({ headers }) => headers.range)).toEqual(['bytes=40000-', 'bytes=70000-']);
    expect(later.map(({ headers }) => headers['if-range'])).toEqual(Array(2).fill(`"${download.sha256}"`));
    expect(first?.headers['accept-encoding']).toBe('identity');
  });

  it('goes on after the service was away', async () => {
    const { client } = await start({ after: [40_000], away: [1, 2] });
    const { stream } = await client.download('job_1', 'best');
    expect((await buffer(stream)).equals(contentOf('a'))).toBe(true);
  });

  it('starts again where nothing had arrived', async () => {
    const { client, requests } = await start({ after: [0] });
    const { stream } = await client.download('job_1', 'best');
    expect((await buffer(stream)).equals(contentOf('a'))).toBe(true);
    expect(requests[1]?.headers).not.toHaveProperty('range');
  });

  it.each([
    ['the file is another one by then', { after: [40_000], changedAt: 1 }],
    ['the file is another one by then, and nothing had arrived', { after: [0], changedAt: 1 }],
    ['something on the way ignores ranges', { after: [40_000], ignoresRange: true }],
  ])('fails without mixing two files where %s', async (_, breaks) => {
    const { client } = await start(breaks);
    const { stream } = await client.download('job_1', 'best');
    const received: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of stream) received.push(chunk);
    })();
    await expect(reading).rejects.toThrow(FileChangedError);
    expect(Buffer.concat(received).includes('b')).toBe(false);
  });

  it('gives up when nothing more arrives', async () => {
    const { client } = await start({ after: [40_000], away: Array.from({ length: 1000 }, (_, i) => i + 1) });
    const { stream } = await client.download('job_1', 'best', 'tfjs', { giveUpAfterSeconds: 1 });
    await expect(buffer(stream)).rejects.toMatchObject({ status: 503 });
  });

  it('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const { client } = await start({ after: [40_000], away: Array.from({ length: 1000 }, (_, i) => i + 1) });
    const { stream } = await client.download('job_1', 'best', 'tfjs', { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 200);
    await expect(buffer(stream)).rejects.toThrow('enough');
  });
});

it('a file whose answer has no digest is refused', async () => {
  const { client, close } = await service((_, response) => response.writeHead(200, { etag: 'W/"1"' }).end('abc'));
  open.push(close);
  await expect(client.download('job_1', 'best')).rejects.toThrow('has no digest');
});
