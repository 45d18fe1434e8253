import { type FileHandle, open } from 'node:fs/promises';

/** The bytes of a file, in any order. */
export interface FileBytes {
  length: number;
  /** @throws RangeError when the file has no such bytes */
  slice(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** @throws the error of the disk */
export async function fileOnDisk(file: string): Promise<FileBytes> {
  return onDisk(await open(file));
}

export const inMemory = (content: Uint8Array): FileBytes => ({
  length: content.length,
  slice: async (start, end) => {
    check(start, end, content.length);
    return new Uint8Array(content.subarray(start, end));
  },
  close: async () => {},
});

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
