import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { TrainyardError } from '@trainyard/contracts';
import type { OnProgress } from './progress.js';

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
      // Failures of fetch have a cause; one with a system call of its own came from writing the file.
      if (error instanceof DownloadError || (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
      const advanced = (await sizeOf(part)) > before;
      tries = advanced ? 1 : tries + 1;
      if (tries > retries) throw unreachable(url, error as Error);
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
  const abort = new AbortController();
  const watchdog = globalThis.setTimeout(() => abort.abort(new Error('no byte came for too long')), stallMs);
  try {
    const headers: Record<string, string> = have > 0 ? { Range: `bytes=${have}-` } : {};
    const response = await fetch(url, { headers, signal: abort.signal });
    const start = await startOf(response, url, part, have);
    if (start === null) return;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const total = Number.isFinite(length) ? start + length : null;
    const output = await open(part, start === 0 ? 'w' : 'r+');
    try {
      let done = start;
      onProgress({ phase: 'downloading', done, total });
      for await (const chunk of response.body ?? []) {
        watchdog.refresh();
        await append(output, chunk, done);
        done += chunk.length;
        onProgress({ phase: 'downloading', done, total });
      }
      if (total !== null && done < total) throw new Error('the connection broke');
      await output.truncate(done);
      await output.sync();
    } finally {
      await output.close();
    }
  } finally {
    clearTimeout(watchdog);
  }
}

/** The byte at which the answer starts, or null when nothing is left to come. */
async function startOf(response: Response, url: string, part: string, have: number): Promise<number | null> {
  if (response.status === 206) {
    const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
    if (range !== null && Number(range[1]) === have) return have;
    throw new DownloadError(`${url} answered with another part than was asked for; try again`);
  }
  // The server does not do ranges, or was asked for the whole.
  if (response.status === 200) return 0;
  await response.body?.cancel();
  // Nothing behind the end: the part is whole, or it is too long; the checksum tells.
  if (response.status === 416 && have > 0) return null;
  if (response.status >= 500) throw new Error(`the server answered ${response.status}`);
  await rm(part, { force: true });
  throw new DownloadError(
    `${url} answered ${response.status} ${response.statusText}; get the file another way and import it from its path`,
  );
}

function unreachable(url: string, error: Error): DownloadError {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  const why = cause?.code ?? cause?.message ?? error.message;
  return new DownloadError(
    `${url} cannot be reached (${why}). Check the network and try again (it goes on where it stopped), ` +
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
