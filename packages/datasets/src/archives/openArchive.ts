import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { InvalidInputError } from '@trainyard/contracts';
import type { Archive } from './archive.js';
import { compressions } from './compression.js';
import { damaged, ofDisk } from './damaged.js';
import { digestOfFile } from './fingerprint.js';
import { openFolder } from './folder.js';
import { openInner } from './inner.js';
import { type ArchiveLimits, defaultArchiveLimits } from './limits.js';
import { openPacked } from './packed.js';
import { openCompressedFile, openSingleFile } from './singleFile.js';
import { refuseStrangers } from './strangers.js';
import { beginning, firstBytes } from './streams.js';
import { isTarHeader, tar } from './tar.js';
import { isZip, zip } from './zip.js';

export interface OpenOptions {
  limits?: ArchiveLimits | undefined;
  /** Called with the number of files that were listed so far. */
  onProgress?: (files: number) => void;
}

/**
 * Lists a folder, an archive or a single file. What an archive is, is decided by its first bytes, never by its name.
 * @throws InvalidInputError that names the path, what is wrong and what to do
 */
export async function openArchive(path: string, options: OpenOptions = {}): Promise<Archive> {
  const { limits = defaultArchiveLimits, onProgress = () => {} } = options;
  const info = await statOf(path);
  if (!info.isDirectory()) return withInner(await openFile(path, info, limits, onProgress), options);
  const { archive } = await openFolder(path, limits, onProgress);
  return withInner(archive, options);
}

/** One level of archives within archives. */
function withInner(archive: Archive, { limits = defaultArchiveLimits, onProgress = () => {} }: OpenOptions) {
  return openInner(archive, limits, async (path, left) => openFile(path, await statOf(path), left, onProgress));
}

async function openFile(
  path: string,
  info: Stats,
  limits: ArchiveLimits,
  onProgress: (files: number) => void,
): Promise<Archive> {
  if (!info.isFile()) throw new InvalidInputError(`${path} is neither a file nor a folder`);
  const head = await firstBytes(path, 512).catch(({ code = '' }: NodeJS.ErrnoException) => {
    throw new InvalidInputError(`${path} ${notReadable(code)}`);
  });
  if (isZip(head)) return openPacked(path, zip(path), limits, onProgress);
  const compression = compressions.find(({ recognises }) => recognises(head));
  if (compression === undefined) {
    if (isTarHeader(head)) {
      const open = () => createReadStream(path, { highWaterMark: 256 * 1024 });
      return openPacked(path, tar('tar archive', open, info.size), limits, onProgress);
    }
    refuseStrangers(path, head);
    return openSingleFile(path, info.size, limits);
  }
  const kind = `${compression.name} archive`;
  const inner = await beginning(compression.open(path), 512).catch((error: unknown) => {
    throw damaged(path, kind, error);
  });
  if (!isTarHeader(inner)) return openCompressedFile(path, info.size, compression, limits);
  return openPacked(
    path,
    tar(kind, () => compression.open(path), info.size),
    limits,
    onProgress,
  );
}

/** A source that may be known already, before all of it is read. */
export interface IdentifiedArchive {
  /**
   * Of the content: of a file its bytes, of a folder what the disk says of its files. Null for a folder that was
   * changed so recently that a further change might not be seen.
   */
  digest: string | null;
  open(): Promise<Archive>;
}

/** Lists a folder, which identifies it, but no archive. @throws InvalidInputError */
export async function identifyArchive(path: string, options: OpenOptions = {}): Promise<IdentifiedArchive> {
  const { limits = defaultArchiveLimits, onProgress = () => {} } = options;
  if ((await statOf(path)).isDirectory()) {
    const { archive, fingerprint } = await openFolder(path, limits, onProgress);
    return { digest: fingerprint, open: () => withInner(archive, options) };
  }
  const digest = await digestOfFile(path).catch(({ code = '' }: NodeJS.ErrnoException) => {
    throw new InvalidInputError(`${path} ${notReadable(code)}`);
  });
  return { digest, open: () => openArchive(path, options) };
}

async function statOf(path: string): Promise<Stats> {
  return stat(path).catch(({ code = '' }: NodeJS.ErrnoException) => {
    if (code !== 'ENOENT') throw new InvalidInputError(`${path} ${notReadable(code)}`);
    const hint = path.startsWith('~') ? ': the shell replaces ~ only outside of quotes' : '; check the path';
    throw new InvalidInputError(`${path} does not exist${hint}`);
  });
}

const notReadable = (code: string): string => `cannot be read (${code}): ${ofDisk(code)}`;
