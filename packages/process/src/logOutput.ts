import { writeSync } from 'node:fs';

/** Bytes of lines that wait for a reader that is slow; beyond this, lines are dropped. */
const maxWaiting = 1 << 20;
const retryMs = 100;

/**
 * Standard output or standard error as the destination of a log. A log that cannot be written never ends or blocks the
 * process: lines are dropped while its disk is full or its reader is gone, and wait, up to a mebibyte, for a slow
 * reader. The first line after dropped ones says how many they were.
 *
 * pino's own destinations end the process at such an error, or retry until it is over.
 */
export class LogOutput {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #dropped = 0;
  /** The last line was written in part. */
  #torn = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly fd: 1 | 2) {
    // What the process writes there by other means must not end it either. Besides, Node makes a pipe or socket
    // non-blocking when its stream is used for the first time: a write then fails instead of waiting for the reader.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
    process.once('exit', () => this.#flush());
  }

  write(line: string): void {
    const bytes = Buffer.from(`${this.#torn ? '\n' : ''}${this.#notice()}${line}`);
    // Behind lines that wait, so that the order stays.
    const kept = this.#waitingBytes > 0 ? this.#wait(bytes) : this.#put(bytes);
    this.#dropped = kept ? 0 : this.#dropped + 1;
  }

  #notice(): string {
    if (this.#dropped === 0) return '';
    const notice = { level: 40, time: Date.now(), lines: this.#dropped, msg: 'log lines were dropped' };
    return `${JSON.stringify(notice)}\n`;
  }

  /** @returns whether the bytes are written, or wait. */
  #put(bytes: Buffer): boolean {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.fd, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return this.#wait(rest);
      this.#torn ||= rest.length < bytes.length;
      return false;
    }
    this.#torn = false;
    return true;
  }

  #wait(bytes: Buffer): boolean {
    if (this.#waitingBytes + bytes.length > maxWaiting) return false;
    this.#torn = false;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#timer ??= setTimeout(() => this.#flush(), retryMs).unref();
    return true;
  }

  #flush(): void {
    this.#timer = null;
    if (this.#waitingBytes === 0) return;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (!this.#put(bytes)) this.#dropped += 1;
  }
}
