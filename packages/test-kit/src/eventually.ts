import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `look` every few milliseconds until it returns something else than null, undefined or false, and returns that.
 *
 * @param what names what the caller waits for; used in the error.
 * @throws Error after `timeoutMs`, and whatever `look` throws.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await sleep(15);
  }
}
