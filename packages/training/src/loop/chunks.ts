import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoadedProgram } from '@trainyard/program';
import type { Feeds } from '../data/feeds.js';
import type { TrainingSignal } from './trainingSignal.js';

/**
 * Wall-clock seconds that one call of the executor should take: long enough to cost nothing, short enough for progress.
 */
const chunkSeconds = 0.3;
/** The first step of a program is slow, as caches are cold; later chunks grow by at most this factor. */
const growth = 8;

/** Number of steps to run next, from the size and the seconds of the last chunk. */
export function nextChunk(steps: number, seconds: number): number {
  const fitting = Math.floor((steps * chunkSeconds) / Math.max(seconds, 1e-6));
  return Math.max(1, Math.min(fitting, steps * growth));
}

export interface ChunkedRun {
  program: LoadedProgram;
  /** Number of steps to run. */
  steps: number;
  feeds: (first: number, count: number) => Feeds;
  signal: TrainingSignal;
  /** Most steps to run before `onChunk` is called again, after `done` steps; any number by default. */
  limit?: (done: number) => number;
  /** Called after every chunk, even an interrupted one. */
  onChunk?: (steps: number, seconds: number) => void | Promise<void>;
}

/**
 * Runs the steps in chunks, whose size follows from the time of the chunk before. Nothing is read back in between.
 * @throws Interrupted between two steps, after `onChunk` was called for those that were done
 */
export async function runInChunks({ program, steps, feeds, signal, limit, onChunk }: ChunkedRun): Promise<void> {
  let size = 1;
  for (let done = 0; done < steps; ) {
    signal.throwIfRequested();
    const count = Math.min(size, steps - done, limit?.(done) ?? size);
    const start = performance.now();
    const ran = await program.run(count, feeds(done, count), signal.abortSignal);
    const seconds = (performance.now() - start) / 1000;
    done += ran;
    await onChunk?.(ran, seconds);
    // Otherwise an executor that computes on this thread would block the messages that request it to stop.
    await nextTurn();
    signal.throwIfRequested();
    size = nextChunk(count, seconds);
  }
}
