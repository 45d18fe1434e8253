import { setTimeout as sleep } from 'node:timers/promises';
import type { DatasetImport } from '@trainyard/contracts';
import { isPassing } from './errors.js';

export interface WaitOptions {
  /** Called with each state of the import that was read. */
  onProgress?(state: DatasetImport): void;
  /** Ends the wait with its reason; the import goes on. */
  signal?: AbortSignal;
  /** After so many seconds without an answer, the last error is thrown. */
  giveUpAfterSeconds?: number;
}

const pollMs = 500;

export async function waitFor(read: () => Promise<DatasetImport>, options: WaitOptions): Promise<DatasetImport> {
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
    await sleep(pollMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  }
}
