/// <reference path="./seek-bzip.d.ts" />
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import Bunzip from 'seek-bzip';

/**
 * The bytes of a bzip2 file, of one block (at most 900 kB) at a time, so that timers and sockets run between them. Uses
 * the steps of which seek-bzip's `decode` consists, since that returns all at once.
 */
export async function* bunzip2(path: string): AsyncGenerator<Buffer> {
  const input = new FileBytes(path);
  try {
    const output = new GrowingBytes();
    const reader = new Bunzip(input, output);
    for (;;) {
      if (reader._init_block()) {
        reader._read_bunzip();
        yield output.take();
        await setImmediate();
        continue;
      }
      if (reader.reader.read(32) >>> 0 !== reader.streamCRC) throw new Error('data error');
      // `bzip2` writes one stream; `pbzip2` writes many, one behind the other.
      if (input.eof()) return;
      reader._start_bunzip(input, output);
    }
  } finally {
    input.close();
  }
}

/** All at once. @param bytes that the content must have */
export function bunzip2Bytes(packed: Buffer, bytes: number): Buffer {
  return bytes === 0 ? Buffer.alloc(0) : Bunzip.decode(packed, bytes);
}

class FileBytes {
  private readonly descriptor: number;
  private readonly buffer = Buffer.alloc(256 * 1024);
  private at = 0;
  private end = 0;

  constructor(path: string) {
    this.descriptor = openSync(path, 'r');
  }

  readByte(): number {
    if (this.eof()) throw new Error('unexpected end');
    return this.buffer[this.at++] as number;
  }

  read(buffer: Uint8Array, offset: number, length: number): number {
    for (let i = 0; i < length; i++) buffer[offset + i] = this.readByte();
    return length;
  }

  eof(): boolean {
    if (this.at === this.end) {
      this.at = 0;
      this.end = readSync(this.descriptor, this.buffer);
    }
    return this.end === 0;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** A block of repeated bytes can be far larger than 900 kB: runs are stored by their length. */
class GrowingBytes {
  private buffer = Buffer.alloc(1024 * 1024);
  private length = 0;

  writeByte(byte: number): void {
    if (this.length === this.buffer.length) this.buffer = Buffer.concat([this.buffer, Buffer.alloc(this.length)]);
    this.buffer[this.length++] = byte;
  }

  take(): Buffer {
    const bytes = Buffer.from(this.buffer.subarray(0, this.length));
    this.length = 0;
    return bytes;
  }
}
