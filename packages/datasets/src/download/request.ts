import { open, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TrainyardError } from '@trainyard/contracts';
import { checkedDispatcher, checkUrl, RefusedRequestError } from '@trainyard/process';
import type { Dispatcher } from 'undici';
import { writeExactly } from '../packed/files.js';
import type { DownloadOptions } from './options.js';
import type { Received } from './received.js';

/** The connection, not the server's answer, failed: another try may succeed. */
export class ConnectionError extends Error {}

/** A download that failed: no network, an answer that is not the file, or a file with the wrong checksum. */
export class DownloadError extends TrainyardError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, [], options);
  }
}

export const otherWay = 'get the file another way and import it from its path';

/** What an answer said of the file. */
export interface Answer {
  /** `same`: the file is the one that was received before. */
  outcome: 'saved' | 'same';
  headers: Dispatcher.ResponseData['headers'];
}

/**
 * Requests the file, or what follows its first `have` bytes, and writes it behind them.
 * @param before what an earlier answer said of these bytes
 * @param isWhole whether they are the whole file, which is requested again only where it has changed
 */
export async function fetchRest(
  options: DownloadOptions,
  part: string,
  have: number,
  before: Received | null,
  isWhole: boolean,
  onStart: (headers: Answer['headers']) => Promise<void>,
): Promise<Answer> {
  const { url, stallMs = 30_000, allowPrivate = true } = options;
  const dispatcher = checkedDispatcher({ allowPrivate, stallMs });
  try {
    const response = await get(dispatcher, options, {
      ...conditions(before, isWhole),
      ...rangeFrom(have, before, isWhole),
    });
    // Closing the connection before the end of the body emits an error on it, which would be unhandled.
    response.body.on('error', () => {});
    const { headers, statusCode } = response;
    if (statusCode === 304 && isWhole) return { outcome: 'same', headers };
    const start = await startOf(response, url, part, have);
    if (start === null) return { outcome: 'saved', headers };
    if (start === 0) await onStart(headers);
    await checkSpace(headers, part, url);
    await saveBody(response, options, part, start);
    return { outcome: 'saved', headers };
  } finally {
    await dispatcher.destroy();
  }
}

function conditions(before: Received | null, isWhole: boolean): Record<string, string> {
  if (!isWhole) return {};
  if (before?.etag !== undefined) return { 'if-none-match': before.etag };
  return before?.modified === undefined ? {} : { 'if-modified-since': before.modified };
}

/** If-Range sends the whole file where it is not the one any more whose beginning was received. */
function rangeFrom(have: number, before: Received | null, isWhole: boolean): Record<string, string> {
  if (have === 0 || isWhole) return {};
  const isStrong = before?.etag !== undefined && !before.etag.startsWith('W/');
  const known = isStrong ? before.etag : before?.modified;
  return { range: `bytes=${have}-`, ...(known !== undefined && { 'if-range': known }) };
}

/**
 * Follows redirects to http and https alone. Not `fetch`, which unpacks a body that is sent with Content-Encoding:
 * gzip, as some servers send every .gz file; the checksum is that of the packed file.
 */
async function get(
  dispatcher: Dispatcher,
  { url, stallMs = 30_000, allowPrivate = true, signal }: DownloadOptions,
  headers: Record<string, string>,
): Promise<Dispatcher.ResponseData> {
  const parsed = new URL(url);
  try {
    checkUrl(parsed, allowPrivate);
    const { origin, pathname, search } = parsed;
    return await dispatcher.request({
      method: 'GET',
      origin,
      path: pathname + search,
      headers,
      signal: signal ?? null,
    });
  } catch (error) {
    signal?.throwIfAborted();
    const refusal = [error, (error as Error).cause].find((each) => each instanceof RefusedRequestError);
    if (refusal !== undefined) throw new DownloadError(`${url} ${(refusal as Error).message}; ${otherWay}`);
    // undici's name for a loop of redirects, and for one to another protocol.
    if ((error as NodeJS.ErrnoException).code !== 'UND_ERR_INVALID_ARG') throw connectionError(error, stallMs);
    const message = `${url} redirects to where it cannot be followed (${(error as Error).message})`;
    throw new DownloadError(`${message}; ${otherWay}`, { cause: error });
  }
}

/** The byte of the file at which the answer starts, or null when the part is complete. */
async function startOf(
  { statusCode, headers }: Dispatcher.ResponseData,
  url: string,
  part: string,
  have: number,
): Promise<number | null> {
  const range = String(headers['content-range']);
  if (statusCode === 206) {
    if (Number(/^bytes (\d+)-/.exec(range)?.[1]) === have) return have;
    throw new DownloadError(`${url} answered with another range than was requested; try again`);
  }
  // The server does not support ranges, or the whole file was requested.
  if (statusCode === 200) return 0;
  // Nothing follows these bytes: the part is complete, or too long, which a checksum shows.
  if (statusCode === 416 && have > 0) {
    const bytes = /^bytes \*\/(\d+)$/.exec(range)?.[1];
    if (bytes === undefined || Number(bytes) === have) return null;
    await rm(part, { force: true });
    throw new ConnectionError('the file has changed');
  }
  if (statusCode >= 500) throw new ConnectionError(`the server answered ${statusCode}`);
  await rm(part, { force: true });
  const why = statusCode === 401 || statusCode === 403 ? ' (it asks for a permission that this request has not)' : '';
  throw new DownloadError(`${url} answered ${statusCode}${why}; check the URL, or ${otherWay}`);
}

async function checkSpace({ 'content-length': length }: Answer['headers'], part: string, url: string): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(part));
  if (Number(length ?? 0) <= bavail * bsize) return;
  const free = Math.floor((bavail * bsize) / 1e6);
  throw new DownloadError(
    `${url} has ${Math.ceil(Number(length) / 1e6)} MB, but ${dirname(part)} has only ${free} MB free; free some space`,
  );
}

async function saveBody(
  { body, headers }: Dispatcher.ResponseData,
  { onProgress, stallMs = 30_000, signal }: DownloadOptions,
  part: string,
  start: number,
): Promise<void> {
  const length = headers['content-length'];
  const total = length === undefined ? null : start + Number(length);
  const output = await open(part, start === 0 ? 'w' : 'r+');
  try {
    let done = start;
    onProgress({ phase: 'downloading', done, total });
    for await (const chunk of chunksOf(body, stallMs, signal)) {
      await writeExactly(output, done, chunk);
      done += chunk.length;
      onProgress({ phase: 'downloading', done, total });
    }
    await output.truncate(done);
    await output.sync();
  } finally {
    await output.close();
  }
}

/** Separates errors of the connection from those of the disk. */
async function* chunksOf(body: AsyncIterable<Buffer>, stallMs: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionError(error, stallMs);
  }
}

const timeouts = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

function connectionError(error: unknown, stallMs: number): ConnectionError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (timeouts.includes(code)) return new ConnectionError(`no data for ${stallMs / 1000} s`);
  // undici's own codes say less than its messages.
  return new ConnectionError(code === '' || code.startsWith('UND_') ? message : code);
}
