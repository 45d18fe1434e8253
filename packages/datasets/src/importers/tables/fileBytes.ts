import { type FileHandle, open } from 'node:fs/promises';
import { InvalidInputError } from '@trainyard/contracts';
import type { OpenedFile } from '../../archives/archive.js';

/** A file within an archive is read into memory, up to this size. */
const mostInMemory = 512 * 1024 ** 2;

/** The bytes of a file, in any order. */
export interface FileBytes {
  length: number;
  /** @throws RangeError when the file has no such bytes */
  slice(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/**
 * Opens a file of a folder by its path; a file within an archive is in memory until it is closed.
 * @param name of the file for messages
 * @throws InvalidInputError
 */
export async function openBytes(file: OpenedFile, name: string): Promise<FileBytes> {
  // A file of tables may be larger than an image file may be, which is what makes it `unreadable` by its size alone.
  if (file.file !== null) return onDisk(await open(file.file));
  if (file.bytes > mostInMemory) {
    const size = `has ${file.bytes} bytes, more than can be read from within an archive (${mostInMemory})`;
    throw new InvalidInputError(`${name} ${size}; unpack the archive and import the folder`);
  }
  const content = await file.read(mostInMemory);
  return {
    length: content.length,
    slice: async (start, end) => {
      check(start, end, content.length);
      return new Uint8Array(content.subarray(start, end));
    },
    close: async () => {},
  };
}

async function onDisk(handle: FileHandle): Promise<FileBytes> {
  const { size } = await handle.stat();
  return {
    length: size,
    async slice(start, end) {
      check(start, end, size);
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new RangeError('it ends too early');
        at += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

function check(start: number, end: number, length: number): void {
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length)) {
    throw new RangeError('it ends too early');
  }
}
