import type { Precision } from '@trainyard/contracts';
import {
  ExecutorError,
  type LoadedProgram,
  orderedFeeds,
  type Program,
  type Session,
  type SlotData,
} from '@trainyard/program';
import type { NativeSession as AddonSession, Backend, NativeAddon, OpTime } from './addon.js';
import { callAddon } from './errors.js';
import { type LoweredProgram, lowerForCpu } from './lower.js';
import { toNativeProgram } from './wire.js';

/** A loaded program that can also measure the time of each op. */
export interface NativeLoadedProgram extends LoadedProgram {
  /** Like `run`, with the time of each op added to `times`. */
  profile(steps: number, feeds: Record<string, SlotData>): Promise<number>;
  /** Seconds of each op, in the program's order, over all profiled runs. */
  times(): Promise<OpTime[]>;
}

export interface SessionSettings {
  backend: Backend;
  /** As the backend names it: `cpu`, `cuda`, `cuda:0`. */
  device: string;
  threads: number;
  precision: Precision;
}

/** A session of the engine, which executes calls in the order in which they are made. */
export class NativeSession implements Session {
  readonly #addon: NativeAddon;
  readonly #session: AddonSession;
  readonly #lower: (program: Program) => LoweredProgram;
  #closed = false;

  constructor(addon: NativeAddon, { backend, device, threads, precision }: SessionSettings) {
    this.#addon = addon;
    this.#session = new addon.Session(device, threads, precision);
    this.#lower = backend === 'onednn' ? lowerForCpu : (program) => program;
  }

  async load(program: Program): Promise<NativeLoadedProgram> {
    this.#requireOpen();
    const nativeProgram = toNativeProgram(this.#lower(program));
    const { id, scratchBytes } = await callAddon(() => this.#session.load(nativeProgram));
    const run = (steps: number, feeds: Record<string, SlotData>, signal: AbortSignal | undefined, profile: boolean) =>
      this.#run(id, steps, orderedFeeds(program, steps, feeds), signal, profile);
    return {
      program,
      transientBytes: nativeProgram.arenaBytes,
      scratchBytes,
      run: async (steps, feeds, signal) => run(steps, feeds, signal, false),
      profile: async (steps, feeds) => run(steps, feeds, undefined, true),
      times: () => callAddon(() => this.#session.times(id)),
    };
  }

  async write(name: string, data: SlotData): Promise<void> {
    this.#requireOpen();
    await callAddon(() => this.#session.write(name, data));
  }

  async writeFromFile(name: string, file: string, offset: number): Promise<void> {
    this.#requireOpen();
    await callAddon(() => this.#session.writeFromFile(name, file, offset));
  }

  async read(name: string): Promise<SlotData> {
    this.#requireOpen();
    return callAddon(() => this.#session.read(name));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await callAddon(() => this.#session.close());
  }

  async #run(id: number, steps: number, feeds: SlotData[], signal: AbortSignal | undefined, profile: boolean) {
    this.#requireOpen();
    if (signal?.aborted) return 0;
    const stop = new this.#addon.StopFlag();
    const onAbort = () => stop.set();
    signal?.addEventListener('abort', onAbort);
    try {
      return await callAddon(() => this.#session.run(id, steps, feeds, stop, profile));
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #requireOpen(): void {
    if (this.#closed) throw new ExecutorError('the session is closed');
  }
}
