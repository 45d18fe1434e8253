import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { RandomAccessReader } from 'yauzl';

const windowBytes = 512 * 1024;

/**
 * Reads a file at any place, through a window: the thousands of small pieces that a zip consists of lie beside each
 * other, and a read of each of them by another thread would take longer than all the rest.
 */
export class FileWindow extends RandomAccessReader {
  readonly size: number;
  private readonly descriptor: number;
  private window = Buffer.alloc(windowBytes);
  private start = 0;
  private length = 0;

  constructor(path: string) {
    super();
    this.descriptor = openSync(path, 'r');
    this.size = fstatSync(this.descriptor).size;
  }

  /** Valid until the next call. @throws Error when the file ends before */
  bytes(position: number, count: number): Buffer {
    if (position + count > this.size) throw new Error('it ends too early');
    if (count > windowBytes) {
      const own = Buffer.allocUnsafe(count);
      this.fill(own, position);
      return own;
    }
    if (position < this.start || position + count > this.start + this.length) {
      this.length = this.fill(this.window, position);
      this.start = position;
    }
    return this.window.subarray(position - this.start, position - this.start + count);
  }

  /** For yauzl. */
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const count = Math.max(0, Math.min(length, this.size - position));
    let error: Error | null = null;
    try {
      this.bytes(position, count).copy(buffer, offset);
    } catch (problem) {
      error = problem as Error;
    }
    done(error, count);
  }

  /** Not `close`, which yauzl calls when it likes. */
  release(): void {
    closeSync(this.descriptor);
  }

  private fill(target: Buffer, position: number): number {
    let count = 0;
    while (count < target.length) {
      const read = readSync(this.descriptor, target, count, target.length - count, position + count);
      if (read === 0) break;
      count += read;
    }
    return count;
  }
}
