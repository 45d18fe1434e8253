import type { ExecutorInfo } from '@trainyard/contracts';
import type { Program } from './program.js';

/** The interface of every executor. The same program computes the same mathematics on each of them. */

export type SlotData = Float32Array | Int32Array | Uint8Array;

export interface Executor {
  readonly info: ExecutorInfo;
  /** A new, empty set of persistent slots. */
  openSession(): Promise<Session>;
}

export interface Session {
  /**
   * Prepares a program: creates its persistent slots (zero) where the session has none of that name, plans its memory,
   * prepares its ops. Throws if a slot of the same name has another shape or type.
   */
  load(program: Program): Promise<LoadedProgram>;
  /** Copies values into a persistent slot of a loaded program. Throws on an unknown name or a wrong length or type. */
  write(name: string, data: SlotData): Promise<void>;
  /**
   * Fills a persistent slot from `file` at byte `offset`, little-endian; an executor on the CPU may map the file
   * instead.
   */
  writeFromFile(name: string, file: string, offset: number): Promise<void>;
  /** A copy of a persistent slot's values. */
  read(name: string): Promise<SlotData>;
  /** Stops a run in progress, then frees everything. */
  close(): Promise<void>;
}

export interface LoadedProgram {
  readonly program: Program;
  /** Bytes of transient memory in the program's memory plan. */
  readonly transientBytes: number;
  /** Bytes of scratch memory that its ops need while they run. */
  readonly scratchBytes: number;
  /**
   * Runs `steps` steps without returning to JavaScript in between. `feeds` has, for every feed slot, the values of all
   * steps: `[steps, ...shape]`. Runs of one session never overlap; a second call waits for the first.
   *
   * Resolves to the number of steps done: less than `steps` only after `signal` was aborted, which stops between two
   * steps. Rejects with ExecutorError when an op fails, with OutOfMemoryError when an allocation fails.
   */
  run(steps: number, feeds: Record<string, SlotData>, signal?: AbortSignal): Promise<number>;
}

export class ExecutorError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class OutOfMemoryError extends ExecutorError {
  /** @param bytes the size of the allocation; 0 where it is not known */
  constructor(readonly bytes: number) {
    const size = bytes > 0 ? `${bytes} bytes` : 'enough';
    super(`out of memory: the executor could not allocate ${size}; use a smaller batchSize`);
  }
}
