import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { TrainyardError } from '@trainyard/contracts';
import type { OnProgress } from './progress.js';

const maxRedirects = 5;

/** The connection, not the answer, failed: worth another try. */
class ConnectionError extends Error {}

/** A download that did not come about: no network, a server that refuses, or a file that is not the promised one. */
export class DownloadError extends TrainyardError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, [], options);
  }
}

export interface DownloadOptions {
  url: string;
  /** Lower-case hexadecimal. */
  md5: string;
  /** Where the file goes; what has come so far waits beside it as `<file>.part`. */
  file: string;
  onProgress: OnProgress;
  /** How often to go on after the connection broke; counted anew whenever bytes came. Default 5. */
  retries?: number;
  /** Milliseconds without a byte after which the connection counts as broken. Default 30,000. */
  stallMs?: number;
  /** Milliseconds before the first retry; each further one waits twice as long. Default 1,000. */
  retryDelayMs?: number;
}

/**
 * Downloads a file whose MD5 sum is known, going on where an earlier try (of this or another process) was cut.
 * Throws DownloadError, which says what to do.
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { url, file, retries = 5, retryDelayMs = 1_000 } = options;
  const part = `${file}.part`;
  let tries = 0;
  for (;;) {
    const before = await sizeOf(part);
    try {
      await fetchRest(options, part, before);
      break;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const advanced = (await sizeOf(part)) > before;
      tries = advanced ? 1 : tries + 1;
      if (tries > retries) throw unreachable(url, error);
    }
    await setTimeout(retryDelayMs * 2 ** (tries - 1));
  }
  const md5 = await md5Of(part);
  if (md5 !== options.md5) {
    await rm(part, { force: true });
    throw new DownloadError(
      `What came from ${url} has the MD5 sum ${md5} instead of ${options.md5} and was removed; try again, or get the file another way and import it from its path`,
    );
  }
  await rename(part, file);
}

async function fetchRest(options: DownloadOptions, part: string, have: number): Promise<void> {
  const { url, onProgress, stallMs = 30_000 } = options;
  const response = await get(url, have > 0 ? { range: `bytes=${have}-` } : {}, stallMs);
  try {
    const start = await startOf(response, url, part, have);
    if (start === null) return;
    const length = response.headers['content-length'];
    const total = length === undefined ? null : start + Number(length);
    const output = await open(part, start === 0 ? 'w' : 'r+');
    try {
      let done = start;
      onProgress({ phase: 'downloading', done, total });
      for await (const chunk of chunksOf(response)) {
        await append(output, chunk, done);
        done += chunk.length;
        onProgress({ phase: 'downloading', done, total });
      }
      await output.truncate(done);
      await output.sync();
    } finally {
      await output.close();
    }
  } finally {
    response.destroy();
  }
}

/**
 * Follows redirects. Not `fetch`, which unpacks a body that is sent with Content-Encoding: gzip, as some servers send
 * every .gz file; the checksum is that of the packed file.
 */
async function get(url: string, headers: Record<string, string>, stallMs: number): Promise<IncomingMessage> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await getOnce(at, headers, stallMs);
    const { location } = response.headers;
    if (!isRedirect(response) || location === undefined) return response;
    response.destroy();
    at = new URL(location, at);
    if (at.protocol !== 'http:' && at.protocol !== 'https:') break;
  }
  throw new DownloadError(`${url} leads nowhere (to ${at}); get the file another way and import it from its path`);
}

function getOnce(url: URL, headers: Record<string, string>, stallMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).get(url, { headers, timeout: stallMs });
    let answer: IncomingMessage | null = null;
    request.once('response', (response) => {
      answer = response;
      resolve(response);
    });
    // Stays on: a request whose answer is being read can fail as well, and the reader is told by the answer.
    request.on('error', (error) => reject(asConnectionError(error)));
    request.once('timeout', () => {
      const stalled = new ConnectionError('no byte came for too long');
      (answer ?? request).destroy(stalled);
    });
  });
}

function asConnectionError(error: NodeJS.ErrnoException): ConnectionError {
  return error instanceof ConnectionError ? error : new ConnectionError(error.code ?? error.message);
}

function isRedirect({ statusCode = 0 }: IncomingMessage): boolean {
  return [301, 302, 303, 307, 308].includes(statusCode);
}

async function* chunksOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    throw asConnectionError(error as Error);
  }
  if (!response.complete) throw new ConnectionError('the connection broke');
}

/** The byte at which the answer starts, or null when nothing is left to come. */
async function startOf(response: IncomingMessage, url: string, part: string, have: number): Promise<number | null> {
  const { statusCode = 0, statusMessage } = response;
  if (statusCode === 206) {
    const range = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '');
    if (range !== null && Number(range[1]) === have) return have;
    throw new DownloadError(`${url} answered with another part than was asked for; try again`);
  }
  // The server does not do ranges, or was asked for the whole.
  if (statusCode === 200) return 0;
  // Nothing behind the end: the part is whole, or it is too long; the checksum tells.
  if (statusCode === 416 && have > 0) return null;
  if (statusCode >= 500) throw new ConnectionError(`the server answered ${statusCode}`);
  await rm(part, { force: true });
  throw new DownloadError(
    `${url} answered ${statusCode} ${statusMessage}; get the file another way and import it from its path`,
  );
}

function unreachable(url: string, error: ConnectionError): DownloadError {
  return new DownloadError(
    `${url} cannot be reached (${error.message}). Check the network and try again (it goes on where it stopped), ` +
      'import the archive from its path, or use the generated set "shapes", which needs no download',
    { cause: error },
  );
}

async function append(output: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await output.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    (info) => info.size,
    () => 0,
  );
}

async function md5Of(file: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
