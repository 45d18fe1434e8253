import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ImportOptions, InvalidInputError } from '@trainyard/contracts';
import { FileLock } from '@trainyard/process';
import { download } from '../download/download.js';
import type { DownloadOptions } from '../download/options.js';
import type { OnProgress } from '../progress.js';

/** A download that no import has used for so long is removed. */
const keptMs = 7 * 24 * 60 * 60 * 1000;

/** The file of a URL on this disk. */
export interface DownloadedUrl {
  file: string;
  /** As the server calls it. */
  name: string;
  /** Removes it, after an import that succeeded; after one that failed it waits for the next try. */
  remove(): Promise<void>;
  /** Lets other processes use the URL. */
  release(): Promise<void>;
}

export interface UrlRequest {
  kind: 'url';
  url: string;
  options?: ImportOptions;
}

export const isUrl = (what: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(what);

/**
 * Downloads a URL, or takes what an import that failed has left where the server says that it is still the same. Of
 * several processes that import one URL, one after the other does.
 * @param root of the store
 */
export async function downloadUrl(
  url: string,
  root: string,
  onProgress: OnProgress,
  options: Partial<DownloadOptions>,
): Promise<DownloadedUrl> {
  checkForm(url);
  const downloads = join(root, '.downloads');
  const folder = join(downloads, `url-${createHash('sha256').update(url).digest('hex').slice(0, 32)}`);
  await mkdir(folder, { recursive: true });
  const onWait = () => onProgress({ phase: 'waiting', done: 0, total: null });
  const lock = await FileLock.wait(`${folder}.lock`, onWait);
  try {
    await removeOld(downloads, folder);
    // Another process may have removed it while this one waited.
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'content');
    const name = await download({ ...options, url, file, onProgress });
    const remove = () => rm(folder, { recursive: true, force: true });
    return { file, name, remove, release: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function checkForm(url: string): void {
  if (!URL.canParse(url)) throw new InvalidInputError(`${url} is not a URL; check its spelling`);
  const { protocol } = new URL(url);
  if (protocol === 'http:' || protocol === 'https:') return;
  if (protocol === 'file:') throw new InvalidInputError(`${url} is a file of this machine; give its path instead`);
  throw new InvalidInputError(
    `${url} begins with ${protocol}//, but only http:// and https:// are downloaded; get the file another way ` +
      '(aws s3 cp, gsutil cp, huggingface-cli download) and import it from its path',
  );
}

async function removeOld(downloads: string, own: string): Promise<void> {
  for (const name of await readdir(downloads)) {
    const folder = join(downloads, name);
    if (!name.startsWith('url-') || name.endsWith('.lock') || folder === own) continue;
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > keptMs) await rm(folder, { recursive: true, force: true });
  }
}
