import { type FileHandle, open, readFile, stat, truncate } from 'node:fs/promises';

const largestBytes = 64 * 2 ** 20;

/** A log to which one process after another appends; emptied before a start when it is larger than 64 MiB. */
export class LogFile {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly begin: number,
  ) {}

  /** Opens the log for one process, which inherits the file descriptor. */
  static async open(path: string): Promise<LogFile> {
    const size = (await stat(path).catch(() => null))?.size ?? 0;
    if (size > largestBytes) await truncate(path);
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
    return (await readFile(this.path)).subarray(this.begin).toString().slice(-length);
  }
}
