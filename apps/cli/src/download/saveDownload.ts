import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Download, FileChangedError } from '@trainyard/client';
import { TrainyardError } from '@trainyard/contracts';
import { formatBarLine } from '../format/epochs.js';
import { formatBytes } from '../format/numbers.js';
import { printable, type Terminal } from '../terminal.js';
import { writeWhole } from './writeWhole.js';

/** How often a download starts again because `best` or `last` became another checkpoint meanwhile. */
const maxRestarts = 10;

/** How a download is saved. */
export interface SaveOptions {
  /** A file, a folder, or `-` for standard output. */
  output: string;
  /** Replaces a file that exists. */
  force: boolean;
  terminal: Terminal;
  signal: AbortSignal;
}

/**
 * Writes a download to a file (in a folder: under the name that the service sends), or with `-` to standard output. The
 * file is written under another name and renamed after its digest was checked.
 * @param open starts the download; called again where the file has changed on the service before all of it was here.
 * @returns what was downloaded, and the file's path; null for standard output.
 * @throws ConflictError when the file exists and `force` is not set; TrainyardError when size or digest are wrong.
 */
export async function saveDownload(
  open: () => Promise<Download>,
  options: SaveOptions,
): Promise<Omit<Download, 'stream'> & { path: string | null }> {
  const { output, terminal, signal } = options;
  for (let restarts = 0; ; restarts++) {
    const download = await open();
    try {
      if (output !== '-') return { ...download, path: await saveFile(download, options) };
      await receive(download, (chunk) => terminal.write(chunk), null, signal);
      return { ...download, path: null };
    } catch (error) {
      // What standard output has got cannot be taken back.
      if (!(error instanceof FileChangedError) || output === '-' || restarts === maxRestarts) throw error;
      terminal.warn(
        `${printable(download.fileName)} is not what the service has now; downloading from the start again`,
      );
    }
  }
}

async function saveFile(download: Download, { output, force, terminal, signal }: SaveOptions): Promise<string> {
  const file = await fileFor(output, download.fileName);
  try {
    return await writeWhole(file, { force }, (write) => receive(download, write, terminal, signal));
  } catch (error) {
    await download.stream.cancel().catch(() => undefined);
    throw error;
  }
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
