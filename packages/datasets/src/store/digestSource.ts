import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultArchiveLimits, isFolder, readEntries } from '../archives/index.js';

/**
 * Identifies a source without decoding it: SHA-256 of an archive's bytes, or of the paths, sizes and modification times
 * of a folder's files.
 */
export async function digestSource(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  if (await isFolder(path)) await digestFolder(hash, path);
  else for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

async function digestFolder(hash: Hash, path: string): Promise<void> {
  const root = await realpath(path);
  hash.update(root);
  // The bytes are not read here; the import applies the limit.
  const limits = { ...defaultArchiveLimits, totalBytes: Number.MAX_SAFE_INTEGER };
  for await (const { path: relative, bytes } of readEntries(root, limits)) {
    const { mtimeMs } = await lstat(join(root, relative));
    hash.update(JSON.stringify([relative, bytes, mtimeMs]));
  }
}
