import { isPassing } from './errors.js';
import { sleep } from './sleep.js';

export interface WaitOptions<T> {
  /** Called with each state of the job or import that was read; it is read twice a second then. */
  onProgress?(state: T): void;
  /** Ends the wait with its reason; the job or import goes on. */
  signal?: AbortSignal;
  /** After so many seconds without an answer, the last error is thrown. */
  giveUpAfterSeconds?: number;
}

const pollMs = 500;

/** Reads the state of a job or an import until it is at its end. */
export async function waitFor<T extends { terminal: boolean }>(
  read: () => Promise<T>,
  options: WaitOptions<T>,
): Promise<T> {
  const { onProgress, signal, giveUpAfterSeconds = 120 } = options;
  let lastAnswer = Date.now();
  for (;;) {
    signal?.throwIfAborted();
    try {
      const state = await read();
      lastAnswer = Date.now();
      onProgress?.(state);
      if (state.terminal) return state;
    } catch (error) {
      if (!isPassing(error) || Date.now() - lastAnswer > giveUpAfterSeconds * 1000) throw error;
    }
    await sleep(pollMs, signal).catch(() => undefined);
  }
}
