import { setTimeout } from 'node:timers/promises';

/** All threads together hold about so many bytes of decoded large images, or one image that is larger. */
const mostMegabytes = 768;
const pollMs = 10;

/** Megabytes in use, shared by all threads of a decoder. */
export type MemoryInUse = Int32Array<SharedArrayBuffer>;

export const memoryInUse = (): MemoryInUse => new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Waits until there is room for so many bytes, then calls `use`. Without this, each core would hold a large photo. */
export async function withMemory<T>(used: MemoryInUse, bytes: number, use: () => Promise<T>): Promise<T> {
  const megabytes = Math.ceil(bytes / 1024 ** 2);
  for (;;) {
    const now = Atomics.load(used, 0);
    const fits = now === 0 || now + megabytes <= mostMegabytes;
    if (fits && Atomics.compareExchange(used, 0, now, now + megabytes) === now) break;
    if (!fits) await setTimeout(pollMs);
  }
  try {
    return await use();
  } finally {
    Atomics.sub(used, 0, megabytes);
  }
}
