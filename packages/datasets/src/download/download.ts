import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileNameOf } from './fileName.js';
import type { DownloadOptions } from './options.js';
import { readReceived, writeReceived } from './received.js';
import { ConnectionError, DownloadError, fetchRest, otherWay } from './request.js';

/**
 * Downloads a file, and resumes where an earlier try, of this or another process, was interrupted. The retries are not
 * undici's: its interceptor counts them over the whole file, keeps nothing for the next process, and fails where a
 * server ignores Range, while this starts that file again. Without a checksum a file is resumed, and one that is there
 * already is taken, only where the server says that it is the same.
 * @returns a name for the file
 * @throws DownloadError, whose message says what to do
 */
export async function download(options: DownloadOptions): Promise<string> {
  const { url, file, md5 } = options;
  const part = `${file}.part`;
  await receive(options, part);
  if (md5 !== undefined) await checkMd5(part, md5, url);
  else if ((await sizeOf(part)) === null) return nameOf(options);
  await rename(part, file);
  return nameOf(options);
}

async function nameOf({ url, file, md5 }: DownloadOptions): Promise<string> {
  return fileNameOf(url, md5 === undefined ? (await readReceived(file))?.disposition : undefined);
}

/** Tries until the part is complete, or the file that is there already is the one that the server has. */
async function receive(options: DownloadOptions, part: string): Promise<void> {
  const { url, file, md5, retries = 5, retryDelayMs = 1_000, signal } = options;
  let failures = 0;
  for (;;) {
    signal?.throwIfAborted();
    const received = md5 === undefined ? await readReceived(file) : null;
    const isWhole = md5 === undefined && (await sizeOf(file)) !== null && (await sizeOf(part)) === null;
    const isResumable = md5 !== undefined || received?.etag !== undefined || received?.modified !== undefined;
    const before = isResumable ? ((await sizeOf(part)) ?? 0) : 0;
    try {
      await fetchRest(options, part, before, received, isWhole, async (headers) => {
        if (md5 === undefined) await writeReceived(file, headers);
      });
      return;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const advanced = ((await sizeOf(part)) ?? 0) > before;
      failures = advanced ? 1 : failures + 1;
      if (failures > retries) throw unreachable(url, error);
    }
    await sleep(retryDelayMs * 2 ** (failures - 1), undefined, signal && { signal });
  }
}

function unreachable(url: string, error: ConnectionError): DownloadError {
  return new DownloadError(
    `${url} cannot be reached (${error.message}). Check the network and try again (it resumes where it stopped), ` +
      'import the archive from its path, or use the generated set "shapes", which needs no download',
    { cause: error },
  );
}

async function checkMd5(part: string, expected: string, url: string): Promise<void> {
  const md5 = await md5Of(part);
  if (md5 === expected) return;
  await rm(part, { force: true });
  throw new DownloadError(
    `The file from ${url} has the MD5 sum ${md5} instead of ${expected} and was removed; try again, or ${otherWay}`,
  );
}

/** Null where there is no such file. */
async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    (info) => info.size,
    () => null,
  );
}

async function md5Of(file: string): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
