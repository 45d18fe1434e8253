import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

export interface WrittenFile {
  bytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/** Writes `parts` one after the other. */
export async function writeParts(handle: FileHandle, parts: readonly Uint8Array[]): Promise<WrittenFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const part of parts) {
    await handle.writeFile(part);
    hash.update(part);
    bytes += part.byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Writes `parts` into a new file and fsyncs it. @throws Error when the file exists. */
export async function writeNewFile(file: string, parts: readonly Uint8Array[]): Promise<WrittenFile> {
  const handle = await open(file, 'wx');
  try {
    const written = await writeParts(handle, parts);
    await handle.sync();
    return written;
  } finally {
    await handle.close();
  }
}

/** SHA-256 of bytes in memory, lower-case hexadecimal. */
export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
