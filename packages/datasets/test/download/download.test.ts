import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DatasetStore, DownloadError, type ImportProgress, importAny } from '../../src/index.js';
import { cifarBinaryFiles, cifarPythonFiles, cifarRecords, makeTarGz, temporaryFolder } from '../makeArchives.js';

const patience = { retries: 2, retryDelayMs: 1, stallMs: 500 };
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar-10-python.tar.gz`;
}

/** With a port that was free just before. */
async function urlWithoutServer(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/cifar-10-python.tar.gz`;
}

/** A store that takes the python archive from `url` and expects `archive` there. */
async function storeFor(url: string, archive: Buffer) {
  const root = await temporaryFolder();
  const source = { name: 'cifar10', url, md5: md5(archive) };
  return {
    root,
    store: new DatasetStore(root, { patience, downloads: { cifar10: source, 'cifar10:binary': source } }),
  };
}

async function smallArchive(files = cifarPythonFiles(cifarRecords(30))): Promise<Buffer> {
  return readFile(await makeTarGz(join(await temporaryFolder(), 'a.tar.gz'), files));
}

const rangeStart = (range: string | undefined) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);

test.each([
  ['cifar10', cifarPythonFiles],
  ['cifar10:binary', cifarBinaryFiles],
])('%s is downloaded with progress, imported, and its archive removed', async (keyword, files) => {
  const archive = await smallArchive(files(cifarRecords(30)));
  let requests = 0;
  const url = await serve((_, response) => {
    requests++;
    response.setHeader('content-length', archive.length);
    response.end(archive);
  });
  const { root, store } = await storeFor(url, archive);
  const reports: ImportProgress[] = [];
  const dataset = await importAny(store, keyword, {}, (report) => reports.push(report));
  expect(dataset).toMatchObject({ name: 'cifar10', trainImages: 150, testImages: 30, source: url });
  expect(reports).toContainEqual({ phase: 'downloading', done: archive.length, total: archive.length });
  expect(await readdir(join(root, '.downloads'))).toEqual([]);

  expect(await importAny(store, keyword)).toEqual(dataset);
  expect(requests).toBe(1);
});

test('an interrupted download resumes where it stopped', async () => {
  const archive = await smallArchive();
  const starts: number[] = [];
  const url = await serve((request, response) => {
    const start = rangeStart(request.headers.range);
    starts.push(start);
    const end = Math.min(archive.length, start + Math.ceil(archive.length / 3));
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': archive.length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${archive.length - 1}/${archive.length}` } : {}),
    });
    response.write(archive.subarray(start, end), () => {
      if (end < archive.length) setTimeout(() => response.destroy(), 20);
      else response.end();
    });
  });
  const { store } = await storeFor(url, archive);
  await importAny(store, 'cifar10');
  const third = Math.ceil(archive.length / 3);
  // A broken connection can lose what was sent last, and then this is requested again.
  expect([...new Set(starts)]).toEqual([0, third, 2 * third]);
});

test('a part from an earlier process is resumed; from a server without ranges the download starts again', async () => {
  const archive = await smallArchive();
  const ranges: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    ranges.push(request.headers.range);
    response.end(archive);
  });
  const { root, store } = await storeFor(url, archive);
  await mkdir(join(root, '.downloads'));
  await writeFile(join(root, '.downloads', 'cifar-10-python.tar.gz.part'), archive.subarray(0, 1000));
  expect(await importAny(store, 'cifar10')).toMatchObject({ trainImages: 150 });
  expect(ranges).toEqual(['bytes=1000-']);
});

test('an archive that a server sends as gzip content, after a redirect, is saved unchanged', async () => {
  const archive = await smallArchive();
  const url = await serve((request, response) => {
    if (!request.url?.endsWith('?again')) return void response.writeHead(302, { location: '?again' }).end();
    response.writeHead(200, { 'content-type': 'application/x-tar', 'content-encoding': 'x-gzip' }).end(archive);
  });
  const { store } = await storeFor(url, archive);
  expect(await importAny(store, 'cifar10')).toMatchObject({ trainImages: 150 });
});

test.each([
  ['a local file', () => 'file:///etc/passwd'],
  ['another protocol', () => 'ftp://127.0.0.1/cifar-10-python.tar.gz'],
  ['itself', (url: string) => url],
])('a redirect to %s is not followed', async (_, target) => {
  let requests = 0;
  const url: string = await serve((_, response) => {
    requests++;
    response.writeHead(302, { location: target(url) }).end();
  });
  const { store } = await storeFor(url, Buffer.alloc(1));
  const failure = importAny(store, 'cifar10');
  await expect(failure).rejects.toThrow(DownloadError);
  await expect(failure).rejects.toThrow(/redirects to where it cannot be followed .* import it from its path/);
  expect(requests).toBe(1);
});

test('more than five redirects are not followed', async () => {
  let requests = 0;
  const url = await serve((_, response) => void response.writeHead(302, { location: `?${++requests}` }).end());
  const { store } = await storeFor(url, Buffer.alloc(1));
  await expect(importAny(store, 'cifar10')).rejects.toThrow(/answered 302/);
  expect(requests).toBe(6);
});

test('a server that stalls is tried again and finally reported', async () => {
  let requests = 0;
  const url = await serve((_, response) => {
    requests++;
    response.writeHead(200, { 'content-length': 1000 });
    response.flushHeaders();
  });
  const { store } = await storeFor(url, Buffer.alloc(1000));
  await expect(importAny(store, 'cifar10')).rejects.toThrow(/cannot be reached \(no data for 0\.5 s\)/);
  expect(requests).toBe(3);
});

test('a wrong checksum is reported, and the file is removed', async () => {
  const url = await serve((_, response) => void response.end('a login page'));
  const { root, store } = await storeFor(url, Buffer.from('the archive'));
  const failure = importAny(store, 'cifar10');
  await expect(failure).rejects.toThrow(DownloadError);
  await expect(failure).rejects.toThrow(/MD5 sum \w+ instead of \w+ and was removed/);
  expect(await readdir(join(root, '.downloads'))).toEqual([]);
  expect(await store.list()).toEqual([]);
});

test('an answer of 404 is reported at once', async () => {
  const url = await serve((_, response) => void response.writeHead(404).end());
  const { store } = await storeFor(url, Buffer.alloc(1));
  await expect(importAny(store, 'cifar10')).rejects.toThrow(/answered 404/);
});

test('without a network the error says what to do instead', async () => {
  const { store } = await storeFor(await urlWithoutServer(), Buffer.alloc(1));
  const failure = importAny(store, 'cifar10');
  await expect(failure).rejects.toThrow(DownloadError);
  await expect(failure).rejects.toThrow(/cannot be reached \(ECONNREFUSED\).*from its path.*"shapes"/);
});
