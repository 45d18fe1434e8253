import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

export interface WrittenFile {
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/** Writes `parts` one after the other into a new file and waits until they are on the disk. */
export async function writeDurably(file: string, parts: readonly Uint8Array[]): Promise<WrittenFile> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx');
  try {
    let bytes = 0;
    for (const part of parts) {
      await handle.writeFile(part);
      hash.update(part);
      bytes += part.byteLength;
    }
    await handle.sync();
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

/** Makes a rename or a new entry of `folder` survive a power cut: POSIX promises it only after the folder's own fsync. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** SHA-256 of a file, lower-case hexadecimal; reads in pieces. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** SHA-256 of bytes in memory, lower-case hexadecimal. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
