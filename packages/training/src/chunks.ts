import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoadedProgram } from '@trainyard/program';
import type { Feeds } from './feed.js';
import type { TrainingSignal } from './signal.js';

/** Wall-clock seconds that one run of an executor should take: long enough to cost nothing, short enough for progress. */
const chunkSeconds = 0.3;
/** The first step of a program is slow (it warms caches up); growth by steps of this factor finds the pace from there. */
const growth = 8;

/** How many steps to run next, given how long the last chunk took. */
export function nextChunk(steps: number, seconds: number): number {
  const fitting = Math.floor((steps * chunkSeconds) / Math.max(seconds, 1e-6));
  return Math.max(1, Math.min(fitting, steps * growth));
}

export interface ChunkedRun {
  program: LoadedProgram;
  /** How many steps to do. */
  steps: number;
  feeds: (first: number, count: number) => Feeds;
  signal: TrainingSignal;
  /** Steps that may be run at most before `onChunk` is called again, where `done` are done; any number by default. */
  limit?: (done: number) => number;
  /** Called after every chunk, an interrupted one too. */
  onChunk?: (steps: number, seconds: number) => void | Promise<void>;
}

/**
 * Runs the steps in chunks that are sized by their own pace. Nothing is read back in between.
 * @throws Interrupted between two steps, after `onChunk` was told what was done.
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
    // An executor that computes on this thread would otherwise starve the messages that ask it to stop.
    await nextTurn();
    signal.throwIfRequested();
    size = nextChunk(count, seconds);
  }
}
