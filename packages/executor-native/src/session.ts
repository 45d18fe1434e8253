import type { Precision } from '@trainyard/contracts';
import {
  ExecutorError,
  type LoadedProgram,
  orderedFeeds,
  type Program,
  type Session,
  type SlotData,
} from '@trainyard/program';
import type { NativeSession as AddonSession, Family, NativeAddon, OpTime } from './addon.js';
import { native } from './errors.js';
import { type LoweredProgram, lowerForCpu } from './lower.js';
import { toNativeProgram } from './wire.js';

/** A loaded program that can measure the time of each of its ops. */
export interface NativeLoadedProgram extends LoadedProgram {
  /** Like `run`, with the time of each op added to `times`. */
  profile(steps: number, feeds: Record<string, SlotData>): Promise<number>;
  /** Seconds an op, in the program's order, over all profiled runs. */
  times(): Promise<OpTime[]>;
}

export interface SessionSettings {
  family: Family;
  /** As the family's addon names it. */
  device: string;
  threads: number;
  precision: Precision;
}

/** A session of the engine; calls run in the order in which they are made. */
export class NativeSession implements Session {
  readonly #addon: NativeAddon;
  readonly #session: AddonSession;
  readonly #lower: (program: Program) => LoweredProgram;
  #closed = false;

  constructor(addon: NativeAddon, { family, device, threads, precision }: SessionSettings) {
    this.#addon = addon;
    this.#session = new addon.Session(device, threads, precision);
    this.#lower = family === 'onednn' ? lowerForCpu : (program) => program;
  }

  async load(program: Program): Promise<NativeLoadedProgram> {
    this.#refuseIfClosed();
    const wire = toNativeProgram(this.#lower(program));
    const { id, scratchBytes } = await native(() => this.#session.load(wire));
    const run = (steps: number, feeds: Record<string, SlotData>, signal: AbortSignal | undefined, profile: boolean) =>
      this.#run(id, steps, orderedFeeds(program, steps, feeds), signal, profile);
    return {
      program,
      transientBytes: wire.arenaBytes,
      scratchBytes,
      run: async (steps, feeds, signal) => run(steps, feeds, signal, false),
      profile: async (steps, feeds) => run(steps, feeds, undefined, true),
      times: () => native(() => this.#session.times(id)),
    };
  }

  async write(name: string, data: SlotData): Promise<void> {
    this.#refuseIfClosed();
    await native(() => this.#session.write(name, data));
  }

  async writeFromFile(name: string, file: string, offset: number): Promise<void> {
    this.#refuseIfClosed();
    await native(() => this.#session.writeFromFile(name, file, offset));
  }

  async read(name: string): Promise<SlotData> {
    this.#refuseIfClosed();
    return native(() => this.#session.read(name));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await native(() => this.#session.close());
  }

  async #run(id: number, steps: number, feeds: SlotData[], signal: AbortSignal | undefined, profile: boolean) {
    this.#refuseIfClosed();
    if (signal?.aborted) return 0;
    const stop = new this.#addon.StopFlag();
    const onAbort = () => stop.set();
    signal?.addEventListener('abort', onAbort);
    try {
      return await native(() => this.#session.run(id, steps, feeds, stop, profile));
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new ExecutorError('the session is closed');
  }
}
