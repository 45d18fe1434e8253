import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { InvalidInputError } from '@trainyard/contracts';
import { expect, onTestFinished, test, vi } from 'vitest';
import { DatasetStore, DownloadError, importAny } from '../../src/index.js';
import { image, makeZip, smallImageFolder, temporaryFolder } from '../makeArchives.js';

interface Request {
  range: string | undefined;
  ifRange: string | undefined;
  ifNoneMatch: string | undefined;
}

/** A server that sends one file: `cutAt` bytes at most in an answer. */
class FileServer {
  readonly requests: Request[] = [];
  /** Resolves when the first request has its answer, which the settings of that time cut. */
  request = async (): Promise<void> => {
    await vi.waitFor(() => expect(this.requests).not.toEqual([]), { interval: 1, timeout: 60_000 });
  };
  cutAt = Number.POSITIVE_INFINITY;
  headers: Record<string, string> = {};
  url = '';

  constructor(
    public content: Buffer,
    public etag: string | null = '"one"',
  ) {}

  static async start(content: Buffer, etag?: string | null): Promise<FileServer> {
    const files = new FileServer(content, etag);
    const server = createServer((request, response) => files.answer(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    files.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sets/pets.zip?token=1`;
    return files;
  }

  private answer({ headers }: IncomingMessage, response: ServerResponse): void {
    const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = headers;
    this.requests.push({ range, ifRange: ifRange as string | undefined, ifNoneMatch });
    if (this.etag !== null) response.setHeader('etag', this.etag);
    for (const [name, value] of Object.entries(this.headers)) response.setHeader(name, value);
    if (ifNoneMatch !== undefined && ifNoneMatch === this.etag) return void response.writeHead(304).end();
    const isSame = ifRange === undefined || ifRange === this.etag;
    const start = isSame ? Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0) : 0;
    const whole = this.content.subarray(start);
    response.setHeader('content-length', whole.length);
    if (start > 0) {
      response.setHeader('content-range', `bytes ${start}-${this.content.length - 1}/${this.content.length}`);
      response.statusCode = 206;
    }
    if (whole.length <= this.cutAt) return void response.end(whole);
    response.flushHeaders();
    response.write(whole.subarray(0, this.cutAt), () => setTimeout(() => response.destroy(), 50));
  }
}

async function storeIn(folder: string): Promise<DatasetStore> {
  return new DatasetStore(join(folder, 'root'), { patience: { retries: 1, retryDelayMs: 1, stallMs: 2000 } });
}

async function zipOf(files: Record<string, Buffer>): Promise<Buffer> {
  return readFile(await makeZip(join(await temporaryFolder(), 'a.zip'), files));
}

test('a set is imported from a URL, named by it, and its file removed', async () => {
  const folder = await temporaryFolder();
  const store = await storeIn(folder);
  const server = await FileServer.start(await zipOf(await smallImageFolder()));
  const phases = new Set<string>();
  const dataset = await importAny(store, server.url, {}, ({ phase }) => phases.add(phase));
  expect(dataset).toMatchObject({ name: 'pets', version: 1, source: 'pets.zip', trainImages: 3, testImages: 2 });
  expect(phases).toContain('downloading');
  expect(await readdir(join(folder, 'root', '.downloads'))).toEqual([]);
  expect(await importAny(store, server.url)).toMatchObject({ name: 'pets', version: 1 });
});

test('the name that the server gives the file is the name of the set', async () => {
  const store = await storeIn(await temporaryFolder());
  const server = await FileServer.start(await zipOf(await smallImageFolder()));
  server.headers = { 'content-disposition': 'attachment; filename="my beans.zip"' };
  expect(await importAny(store, server.url)).toMatchObject({ name: 'my-beans', source: 'my beans.zip' });
});

test('an interrupted download resumes only while the server has the same file', async () => {
  const store = await storeIn(await temporaryFolder());
  const noisy = () => image('png', [50, 50, 50], { width: 64, height: 64, noise: 200 });
  const server = await FileServer.start(await zipOf({ ...(await smallImageFolder()), 'x.bin': await noisy() }));
  server.cutAt = 1000;
  const cut = importAny(store, server.url);
  await server.request();
  server.cutAt = Number.POSITIVE_INFINITY;
  expect(await cut).toMatchObject({ name: 'pets', trainImages: 3 });
  expect(server.requests).toEqual([
    { range: undefined, ifRange: undefined, ifNoneMatch: undefined },
    { range: expect.stringMatching(/^bytes=\d+-$/), ifRange: '"one"', ifNoneMatch: undefined },
  ]);
});

test('a file that changed at the server is not joined to the beginning of the old one', async () => {
  const store = await storeIn(await temporaryFolder());
  const server = await FileServer.start(await zipOf({ 'x.bin': Buffer.alloc(5000, 'abc') }));
  server.content = Buffer.alloc(5000, 'old');
  server.cutAt = 1000;
  const patient = importAny(store, server.url);
  await server.request();
  server.content = await zipOf(await smallImageFolder());
  server.etag = '"two"';
  server.cutAt = Number.POSITIVE_INFINITY;
  expect(await patient).toMatchObject({ name: 'pets', trainImages: 3 });
});

test('after an import that failed the file is not downloaded again', async () => {
  const folder = await temporaryFolder();
  const store = await storeIn(folder);
  const files = await smallImageFolder();
  const odd = { ...files, 'train/red/2.png': await image('png', [0, 0, 0], { width: 20, height: 10 }) };
  const server = await FileServer.start(await zipOf(odd));
  const failure = importAny(store, server.url);
  await expect(failure).rejects.toThrow(InvalidInputError);
  await expect(failure).rejects.toThrow(`${server.url} has one image that cannot be used`);
  await expect(failure).rejects.not.toThrow(folder);
  expect(await importAny(store, server.url, { size: '8' })).toMatchObject({ trainImages: 4 });
  expect(server.requests.map(({ ifNoneMatch }) => ifNoneMatch)).toEqual([undefined, '"one"']);
  expect(await readdir(join(folder, 'root', '.downloads'))).toEqual([]);
});

test.each([
  [
    'a web page',
    Buffer.from('<!doctype html><title>Log in</title>'),
    /pets\.zip\?token=1 is a web page.* with a browser/,
  ],
  ['a set without classes', 'zip', /pets\.zip\?token=1 has /],
])('%s at a URL is refused by what it is', async (_, content, why) => {
  const store = await storeIn(await temporaryFolder());
  const server = await FileServer.start(
    content === 'zip' ? await zipOf({ 'a.bin': Buffer.alloc(9) }) : (content as Buffer),
  );
  await expect(importAny(store, server.url)).rejects.toThrow(why);
});

test('an answer that is no file is reported with what to do', async () => {
  const store = await storeIn(await temporaryFolder());
  const server = createServer((_, response) => void response.writeHead(403).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const failure = importAny(store, `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.zip`);
  await expect(failure).rejects.toThrow(DownloadError);
  await expect(failure).rejects.toThrow(/answered 403 .*asks for a permission.*import it from its path/);
});

test.each([
  ['s3://bucket/set.zip', /begins with s3:\/\/, but only http:\/\/ and https:\/\/ are downloaded.*aws s3 cp/],
  ['https://me:secret@a.example/set.zip', /user name or a password/],
  ['https://', /is not a URL/],
])('%s is refused before anything is requested', async (url, why) => {
  await expect(importAny(await storeIn(await temporaryFolder()), url)).rejects.toThrow(why);
});

test('a download that is stopped stops at once, and keeps what it has', async () => {
  const folder = await temporaryFolder();
  const store = await storeIn(folder);
  const server = await FileServer.start(await zipOf({ ...(await smallImageFolder()), 'x.bin': Buffer.alloc(9) }));
  const stop = new AbortController();
  server.cutAt = 100;
  const stopped = importAny(store, server.url, {}, () => stop.abort(new Error('stopped')), stop.signal);
  await expect(stopped).rejects.toThrow('stopped');
  server.cutAt = Number.POSITIVE_INFINITY;
  expect(await importAny(store, server.url)).toMatchObject({ name: 'pets' });
});
