import { open } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import {
  arrayOf,
  ExecutorError,
  elementCount,
  type LoadedProgram,
  orderedFeeds,
  type Program,
  planMemory,
  type Session,
  type Slot,
  type SlotData,
  type SlotId,
  slotBytes,
} from '@trainyard/program';
import { StepRunner } from './step.js';
import { Storage } from './storage.js';

/** A session on one backend. Its calls run one after the other, in the order in which they were made. */
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
    const slots = runner.program.slots.filter(({ role }) => role === 'feed');
    const fed = orderedFeeds(runner.program, steps, feeds);
    for (let step = 0; step < steps; step++) {
      // Timers and messages run here, so that an abort can happen between two steps.
      await nextTurn();
      if (signal?.aborted) return step;
      this.#refuseIfClosed();
      await this.#useBackend();
      runner.run(feedsOfStep(slots, fed, step));
    }
    return steps;
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      this.#refuseIfClosed();
      await this.#useBackend();
      return action();
    });
    // A failed call must not make the calls after it fail.
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

/** The part of a run's feeds that belongs to one step, by slot; `fed` in the order of `slots`. */
function feedsOfStep(slots: readonly Slot[], fed: readonly SlotData[], step: number): Map<SlotId, SlotData> {
  return new Map(
    slots.map(({ id, shape }, i) => {
      const count = elementCount(shape);
      return [id, (fed[i] as SlotData).subarray(step * count, (step + 1) * count)];
    }),
  );
}

/** A slot's values from a file at a byte offset, little-endian like every machine that TensorFlow.js runs on. */
async function readValues(slot: Slot, file: string, offset: number): Promise<SlotData> {
  const bytes = new Uint8Array(slotBytes(slot));
  const handle = await open(file);
  try {
    // One read returns at most 2 GiB.
    for (let filled = 0; filled < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, filled, undefined, offset + filled);
      if (bytesRead === 0) throw new ExecutorError(`${file} ends before the values of ${slot.name} at byte ${offset}`);
      filled += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return new arrayOf[slot.dtype](bytes.buffer);
}
