import { type FileHandle, open } from 'node:fs/promises';

/** Opens a file, and closes it whatever `use` does. */
export async function withFile<T>(file: string, use: (handle: FileHandle) => Promise<T>, flags = 'r'): Promise<T> {
  const handle = await open(file, flags);
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

/** Reads exactly `bytes` bytes; a single read may return fewer. @throws Error when the file ends before */
export async function readExactly(
  handle: FileHandle,
  offset: number,
  bytes: number,
  into: Uint8Array = new Uint8Array(bytes),
): Promise<Uint8Array> {
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await handle.read(into, done, bytes - done, offset + done);
    if (bytesRead === 0) throw new Error(`the file ends at byte ${offset + done}`);
    done += bytesRead;
  }
  return into;
}

/** Writes all of `bytes`; a single write may take fewer. */
export async function writeExactly(handle: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}
