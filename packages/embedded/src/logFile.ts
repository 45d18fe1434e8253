import { copyFile, type FileHandle, open, readFile, stat, truncate } from 'node:fs/promises';

const largestBytes = 64 * 2 ** 20;
const trimMs = 60_000;

/** A log to which one process after another appends. */
export class LogFile {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly begin: number,
  ) {}

  /** Opens the log for one process, which inherits the file descriptor. */
  static async open(path: string): Promise<LogFile> {
    await trimLog(path);
    const handle = await open(path, 'a');
    return new LogFile(path, handle, (await handle.stat()).size);
  }

  get fd(): number {
    return this.handle.fd;
  }

  /** Closes the descriptor of this process; the child keeps its own. */
  close(): Promise<void> {
    return this.handle.close();
  }

  /** The last `length` bytes of what was written since `open`. */
  async tail(length: number): Promise<string> {
    const bytes = await readFile(this.path);
    // It may have been trimmed meanwhile.
    return bytes
      .subarray(bytes.length < this.begin ? 0 : this.begin)
      .toString()
      .slice(-length);
  }
}

/**
 * Moves the content of a log that is larger than 64 MiB to `<path>.1`. The process that writes it goes on at the
 * beginning of the emptied file, because it only appends. Where the disk has no room for the copy, the content is lost.
 */
export async function trimLog(path: string, largest = largestBytes): Promise<void> {
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  if (size <= largest) return;
  await copyFile(path, `${path}.1`).catch(() => {});
  await truncate(path);
}

/** Trims logs again and again. @returns a function that ends it. */
export function keepTrimmed(paths: readonly string[]): () => void {
  const trimAll = () => {
    for (const path of paths) void trimLog(path).catch(() => {});
  };
  const timer = setInterval(trimAll, trimMs).unref();
  return () => clearInterval(timer);
}
