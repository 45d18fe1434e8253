import type { ExecutorInfo } from '@trainyard/contracts';
import type { DataType, Program } from './program.js';

/** What every executor offers. The same programs give the same mathematics on each of them. */

export type SlotData = Float32Array | Int32Array | Uint8Array;

export interface Executor {
  readonly info: ExecutorInfo;
  /** A new, empty set of persistent slots. */
  openSession(): Promise<Session>;
}

export interface Session {
  /**
   * Prepares a program: makes its persistent slots (zero) where the session has none of that name, plans its memory,
   * creates what its ops need. Throws if a slot of the same name has another shape or type.
   */
  load(program: Program): Promise<LoadedProgram>;
  /** Copies values into a persistent slot of a loaded program. Throws on an unknown name or a wrong length or type. */
  write(name: string, data: SlotData): Promise<void>;
  /** Fills a persistent slot from `file` at byte `offset`, little-endian; an executor on the CPU may map the file instead. */
  writeFromFile(name: string, file: string, offset: number): Promise<void>;
  /** A copy of a persistent slot's values. */
  read(name: string): Promise<SlotData>;
  /** Frees everything; a run in progress is stopped first. */
  close(): Promise<void>;
}

export interface LoadedProgram {
  readonly program: Program;
  /** Bytes of transient memory that the program planned. */
  readonly transientBytes: number;
  /** Bytes that its ops need for themselves while they run. */
  readonly scratchBytes: number;
  /**
   * Runs `steps` steps without returning to JavaScript in between. `feeds` holds, for every feed slot, the values of all
   * steps: `[steps, ...shape]`. Runs of one session never overlap; a second call waits for the first.
   * Resolves to the number of steps done: less than `steps` only after `signal` was aborted, which stops between two steps.
   * Rejects with ExecutorError when an op fails; OutOfMemoryError when memory was refused.
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
  constructor(readonly bytes: number) {
    super(`the executor asked for ${bytes} bytes and was refused; use a smaller batchSize`);
  }
}

export const bytesPerElement: Record<DataType, number> = { f32: 4, i32: 4, u8: 1 };
