import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrainyardError } from '@trainyard/contracts';
import { Agent, type Dispatcher, interceptors } from 'undici';
import { writeExactly } from './packed/files.js';
import type { OnProgress } from './progress.js';

/** The connection, not the server's answer, failed: another try may succeed. */
class ConnectionError extends Error {}

/** A download that failed: no network, an answer that is not the file, or a file with the wrong checksum. */
export class DownloadError extends TrainyardError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, [], options);
  }
}

export interface DownloadOptions {
  url: string;
  /** Lower-case hexadecimal. */
  md5: string;
  /** Where to save the file; until it is complete, its beginning is `<file>.part`. */
  file: string;
  onProgress: OnProgress;
  /** Tries after the first that failed without receiving a byte. Default 5. */
  retries?: number;
  /** Milliseconds without a byte after which the connection counts as broken. Default 30,000. */
  stallMs?: number;
  /** Milliseconds before the first retry; the pause doubles with each further one. Default 1,000. */
  retryDelayMs?: number;
}

const maxRedirections = 5;

/**
 * Downloads a file whose MD5 sum is known, and resumes where an earlier try, of this or another process, was
 * interrupted. The retries are not undici's: its interceptor counts them over the whole file, keeps nothing for the
 * next process, and fails where a server ignores Range, while this starts that file again.
 * @throws DownloadError, whose message says what to do
 */
export async function download(options: DownloadOptions): Promise<void> {
  const { url, file, retries = 5, retryDelayMs = 1_000 } = options;
  const part = `${file}.part`;
  let failures = 0;
  for (;;) {
    const before = await sizeOf(part);
    try {
      await fetchRest(options, part, before);
      break;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const advanced = (await sizeOf(part)) > before;
      failures = advanced ? 1 : failures + 1;
      if (failures > retries) throw unreachable(url, error);
    }
    await sleep(retryDelayMs * 2 ** (failures - 1));
  }
  const md5 = await md5Of(part);
  if (md5 !== options.md5) {
    await rm(part, { force: true });
    throw new DownloadError(
      `The file from ${url} has the MD5 sum ${md5} instead of ${options.md5} and was removed; try again, or ` +
        'get the file another way and import it from its path',
    );
  }
  await rename(part, file);
}

/** Requests what follows the first `have` bytes and writes it behind them. */
async function fetchRest(options: DownloadOptions, part: string, have: number): Promise<void> {
  const { stallMs = 30_000 } = options;
  const agent = new Agent({ connect: { timeout: stallMs }, headersTimeout: stallMs, bodyTimeout: stallMs });
  try {
    const response = await get(agent, options.url, have, stallMs);
    // Closing the connection before the end of the body emits an error on it, which would be unhandled.
    response.body.on('error', () => {});
    const start = await startOf(response, options.url, part, have);
    if (start !== null) await saveBody(response, options, part, start);
  } finally {
    await agent.destroy();
  }
}

/**
 * Follows redirects to http and https alone. Not `fetch`, which unpacks a body that is sent with Content-Encoding:
 * gzip, as some servers send every .gz file; the checksum is that of the packed file.
 */
async function get(agent: Agent, url: string, have: number, stallMs: number): Promise<Dispatcher.ResponseData> {
  const { origin, pathname, search } = new URL(url);
  try {
    return await agent.compose(interceptors.redirect({ maxRedirections })).request({
      method: 'GET',
      origin,
      path: pathname + search,
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
    });
  } catch (error) {
    // undici's name for a loop of redirects, and for one to another protocol.
    if ((error as NodeJS.ErrnoException).code !== 'UND_ERR_INVALID_ARG') throw connectionError(error, stallMs);
    const message = `${url} redirects to where it cannot be followed (${(error as Error).message})`;
    throw new DownloadError(`${message}; get the file another way and import it from its path`, { cause: error });
  }
}

/** The byte of the file at which the answer starts, or null when the part is complete. */
async function startOf(
  { statusCode, headers }: Dispatcher.ResponseData,
  url: string,
  part: string,
  have: number,
): Promise<number | null> {
  if (statusCode === 206) {
    const range = /^bytes (\d+)-/.exec(String(headers['content-range']));
    if (range !== null && Number(range[1]) === have) return have;
    throw new DownloadError(`${url} answered with another range than was requested; try again`);
  }
  // The server does not support ranges, or the whole file was requested.
  if (statusCode === 200) return 0;
  // Nothing follows these bytes: the part is complete or too long, which the checksum shows.
  if (statusCode === 416 && have > 0) return null;
  if (statusCode >= 500) throw new ConnectionError(`the server answered ${statusCode}`);
  await rm(part, { force: true });
  throw new DownloadError(`${url} answered ${statusCode}; get the file another way and import it from its path`);
}

async function saveBody(
  { body, headers }: Dispatcher.ResponseData,
  { onProgress, stallMs = 30_000 }: DownloadOptions,
  part: string,
  start: number,
): Promise<void> {
  const length = headers['content-length'];
  const total = length === undefined ? null : start + Number(length);
  const output = await open(part, start === 0 ? 'w' : 'r+');
  try {
    let done = start;
    onProgress({ phase: 'downloading', done, total });
    for await (const chunk of chunksOf(body, stallMs)) {
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
async function* chunksOf(body: AsyncIterable<Buffer>, stallMs: number): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
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

function unreachable(url: string, error: ConnectionError): DownloadError {
  return new DownloadError(
    `${url} cannot be reached (${error.message}). Check the network and try again (it resumes where it stopped), ` +
      'import the archive from its path, or use the generated set "shapes", which needs no download',
    { cause: error },
  );
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
