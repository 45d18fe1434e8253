import { createHash } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Download } from '@trainyard/client';
import { ConflictError, InvalidInputError, TrainyardError } from '@trainyard/contracts';
import { formatBarLine } from '../format/epochs.js';
import { formatBytes } from '../format/numbers.js';
import { printable, type Terminal } from '../terminal.js';

/**
 * Writes a download to a file (in a folder: under the name that the service sends), or with `-` to standard output. The
 * file is written under another name and renamed after its digest was checked.
 * @returns the file's path; null for standard output.
 * @throws ConflictError when the file exists and `force` is not set; TrainyardError when size or digest are wrong.
 */
export async function saveDownload(
  download: Download,
  output: string,
  force: boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<string | null> {
  if (output === '-') {
    await receive(download, (chunk) => terminal.write(chunk), null, signal);
    return null;
  }
  const file = await fileFor(output, download.fileName);
  if (!force && (await exists(file))) {
    await download.stream.cancel();
    throw new ConflictError(`${file} is there already; add --force to replace it`);
  }
  const partial = `${file}.part-${process.pid}`;
  const handle = await open(partial, 'w').catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInputError(`cannot write ${file}: ${error.message}`);
  });
  try {
    await receive(download, async (chunk) => void (await handle.writeFile(chunk)), terminal, signal);
    await handle.sync();
    await handle.close();
    await rename(partial, file);
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    throw error;
  }
  return file;
}

/** Reads the whole stream and compares its size and digest with what the service said. */
async function receive(
  download: Download,
  write: (chunk: Uint8Array) => Promise<void>,
  progress: Terminal | null,
  signal: AbortSignal,
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of download.stream) {
    signal.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
    await write(chunk);
    progress?.status(
      formatBarLine(printable(download.fileName), bytes / download.bytes, formatBytes(bytes), progress.columns),
    );
  }
  progress?.status('');
  if (bytes !== download.bytes || hash.digest('hex') !== download.sha256)
    throw new TrainyardError(
      'unavailable',
      `the download is damaged: ${bytes} of ${download.bytes} bytes came; try again`,
    );
}

async function fileFor(output: string, fileName: string): Promise<string> {
  const isFolder = output.endsWith(path.sep) || (await stat(output).catch(() => null))?.isDirectory();
  return isFolder ? path.join(output, printable(fileName)) : output;
}

const exists = async (file: string): Promise<boolean> => (await stat(file).catch(() => null)) !== null;
