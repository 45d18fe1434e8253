import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The first value of `look` that is neither null, undefined nor false, looked for every few milliseconds.
 *
 * @throws after `timeoutMs`, naming what was waited for.
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
