import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type CheckpointManifest, checkpointFileSchema } from '@trainyard/contracts';
import { CorruptCheckpointError } from './corruptCheckpointError.js';

/** SHA-256 of files that were read once, by path, as long as neither their size nor their times change. */
const known = new Map<string, { stamp: string; sha256: string }>();
const maxKnown = 10_000;

/** Of a file, lower-case hexadecimal; read in parts, so that no request waits for a large file. */
export async function digestOf(path: string): Promise<string> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path);
  const stamp = [size, mtimeMs, ctimeMs, ino].join();
  const found = known.get(path);
  if (found?.stamp === stamp) return found.sha256;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), hash);
  const sha256 = hash.digest('hex');
  if (known.size >= maxKnown) known.clear();
  known.set(path, { stamp, sha256 });
  return sha256;
}

export const checkpointFileNames = checkpointFileSchema.shape.name.options;

type FileName = CheckpointManifest['files'][number]['name'];

/**
 * Compares files of a checkpoint with the digests in its manifest.
 * @throws CorruptCheckpointError that names the file and both digests
 */
export async function assertIntact(folder: string, manifest: CheckpointManifest, names: readonly FileName[]) {
  for (const name of names) {
    const entry = manifest.files.find((file) => file.name === name);
    if (!entry) throw new CorruptCheckpointError(folder, `the manifest does not list ${name}`);
    const sha256 = await digestOf(join(folder, name)).catch((error: unknown) => {
      throw new CorruptCheckpointError(folder, `${name} cannot be read`, { cause: error });
    });
    if (sha256 !== entry.sha256) throw new CorruptCheckpointError(folder, wrongDigest(name, sha256, entry.sha256));
  }
}

export const wrongDigest = (name: string, got: string, expected: string): string =>
  `${name} does not match its SHA-256: it has ${got} instead of ${expected}`;
