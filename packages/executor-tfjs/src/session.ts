import { open } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import {
  bytesPerElement,
  ExecutorError,
  elementCount,
  type LoadedProgram,
  type Program,
  planMemory,
  type Session,
  type Slot,
  type SlotData,
  type SlotId,
} from '@trainyard/program';
import { StepRunner } from './step.js';
import { checkData, Storage } from './storage.js';

/** A session on one backend. Its calls happen one after the other, in the order in which they were made. */
export class TfjsSession implements Session {
  readonly #storage = new Storage();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(readonly backend: string) {}

  load(program: Program): Promise<LoadedProgram> {
    return this.#inTurn(async () => {
      for (const slot of program.slots) if (slot.role === 'persistent') this.#storage.declare(slot);
      const transientBytes = planMemory(program).bytes;
      const runner = new StepRunner(program, this.#storage, transientBytes);
      const run: LoadedProgram['run'] = (steps, feeds, signal) =>
        this.#inTurn(() => this.#run(runner, steps, feeds, signal));
      return { program, transientBytes, scratchBytes: 0, run };
    });
  }

  write(name: string, data: SlotData): Promise<void> {
    return this.#inTurn(async () => this.#storage.write(name, data));
  }

  writeFromFile(name: string, file: string, offset: number): Promise<void> {
    return this.#inTurn(async () =>
      this.#storage.write(name, await readValues(this.#storage.slot(name), file, offset)),
    );
  }

  read(name: string): Promise<SlotData> {
    return this.#inTurn(() => this.#storage.read(name));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    this.#storage.dispose();
  }

  async #run(
    runner: StepRunner,
    steps: number,
    feeds: Record<string, SlotData>,
    signal?: AbortSignal,
  ): Promise<number> {
    const slots = feedSlots(runner.program, steps, feeds);
    for (let step = 0; step < steps; step++) {
      // Lets timers and messages in, so that an abort can come between two steps.
      await nextTurn();
      if (signal?.aborted) return step;
      this.#refuseIfClosed();
      await this.#useBackend();
      runner.run(feedsOfStep(slots, feeds, step));
    }
    return steps;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      this.#refuseIfClosed();
      await this.#useBackend();
      return action();
    });
    // A failed call must not fail those that wait behind it.
    this.#last = turn.catch(() => {});
    return turn;
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new ExecutorError('the session is closed');
  }

  /** TensorFlow.js has one current backend for the whole process; sessions of two executors take turns. */
  async #useBackend(): Promise<void> {
    if (tf.getBackend() !== this.backend) await tf.setBackend(this.backend);
  }
}

/** The feed slots of a program; throws unless `feeds` holds `steps` values of each and nothing else. */
function feedSlots(program: Program, steps: number, feeds: Record<string, SlotData>): Slot[] {
  const slots = program.slots.filter((slot) => slot.role === 'feed');
  for (const name of Object.keys(feeds)) {
    if (!slots.some((slot) => slot.name === name)) throw new ExecutorError(`program ${program.name} takes no ${name}`);
  }
  for (const slot of slots) {
    const values = feeds[slot.name];
    if (values === undefined) throw new ExecutorError(`program ${program.name} needs ${slot.name}`);
    checkData(slot, values, steps * elementCount(slot.shape));
  }
  return slots;
}

function feedsOfStep(slots: readonly Slot[], feeds: Record<string, SlotData>, step: number): Map<SlotId, SlotData> {
  const values = new Map<SlotId, SlotData>();
  for (const { id, name, shape } of slots) {
    const count = elementCount(shape);
    const ofStep = feeds[name]?.subarray(step * count, (step + 1) * count);
    if (ofStep !== undefined) values.set(id, ofStep);
  }
  return values;
}

/** A slot's values from a file at a byte offset, little-endian like every machine that TensorFlow.js runs on. */
async function readValues(slot: Slot, file: string, offset: number): Promise<SlotData> {
  const bytes = new Uint8Array(elementCount(slot.shape) * bytesPerElement[slot.dtype]);
  const handle = await open(file);
  try {
    // One read gives 2 GiB at most.
    for (let filled = 0; filled < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, filled, undefined, offset + filled);
      if (bytesRead === 0) throw new ExecutorError(`${file} ends before the values of ${slot.name} at byte ${offset}`);
      filled += bytesRead;
    }
  } finally {
    await handle.close();
  }
  if (slot.dtype === 'u8') return bytes;
  return slot.dtype === 'i32' ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
}
