import * as tf from '@tensorflow/tfjs-core';
import {
  ExecutorError,
  memoryOf,
  type Op,
  OutOfMemoryError,
  type Program,
  type Slot,
  type SlotData,
  type SlotId,
  slotOf,
  slotsRead,
  slotsWritten,
} from '@trainyard/program';
import { type Kernel, kernels, type Operands } from './kernels/index.js';
import type { Storage } from './storage.js';

/** Runs the ops of a program once for each set of feeds; frees every transient slot after its last use. */
export class StepRunner implements Operands {
  readonly #transients = new Map<SlotId, tf.Tensor>();
  readonly #feeds = new Map<SlotId, SlotData>();
  /** Transient slots whose last use is the op at this place. */
  readonly #freedAfter: SlotId[][];

  constructor(
    readonly program: Program,
    readonly storage: Storage,
    /** Bytes of a step's transient slots, for the message of an out-of-memory error. */
    readonly transientBytes: number,
  ) {
    const lastUse = new Map<SlotId, number>();
    program.ops.forEach((op, place) => {
      for (const slot of [...slotsRead(op), ...slotsWritten(op)]) lastUse.set(memoryOf(program, slot), place);
    });
    this.#freedAfter = program.ops.map(() => []);
    for (const [slot, place] of lastUse) this.#freedAfter[place]?.push(slot);
  }

  /** One step; `feeds` holds the values of this step by slot. Never yields to the event loop. */
  run(feeds: ReadonlyMap<SlotId, SlotData>): void {
    for (const [slot, values] of feeds) this.#feeds.set(slot, values);
    try {
      this.program.ops.forEach((op, place) => {
        this.#tryOp(op);
        for (const slot of this.#freedAfter[place] ?? []) this.#free(slot);
      });
    } finally {
      for (const slot of [...this.#transients.keys()]) this.#free(slot);
      this.#feeds.clear();
    }
  }

  // Bound functions, because kernels destructure their operands.
  tensor = (id: SlotId): tf.Tensor => {
    const slot = slotOf(this.program, id);
    if (slot.role === 'persistent') return this.storage.tensor(slot.name);
    if (slot.role === 'feed')
      return tf.tensor(this.host(id), [...slot.shape], slot.dtype === 'i32' ? 'int32' : 'float32');
    const tensor = this.#transients.get(slot.viewOf ?? id);
    if (tensor === undefined) throw new ExecutorError(`slot ${slot.name} is read before it is written`);
    return slot.viewOf === null ? tensor : tf.reshape(tensor, [...slot.shape]);
  };

  host = (id: SlotId): SlotData => {
    const slot = slotOf(this.program, id);
    const fed = this.#feeds.get(id);
    return fed ?? this.storage.host(slot.name);
  };

  shape = (id: SlotId): readonly number[] => slotOf(this.program, id).shape;

  #tryOp(op: Op): void {
    try {
      this.#runOp(op);
    } catch (cause) {
      if (cause instanceof ExecutorError) throw cause;
      const message = cause instanceof Error ? cause.message : String(cause);
      // JavaScript reports a failed allocation only in the message.
      if (/allocation failed|invalid (typed )?array( buffer)? length/i.test(message)) {
        throw new OutOfMemoryError(this.transientBytes);
      }
      throw new ExecutorError(`${op.kind}: ${message}`, { cause });
    }
  }

  #runOp(op: Op): void {
    // TypeScript cannot know that the kernel found by an op's kind takes that op.
    const kernel = kernels[op.kind] as unknown as Kernel<'conv2d'>;
    const results = tf.tidy(() => ({ ...kernel(op as never, this) })) as Record<string, tf.Tensor | null>;
    const targets: Record<string, SlotId | null> = {
      ...('out' in op ? op.out : {}),
      ...('update' in op ? op.update : {}),
    };
    for (const [name, id] of Object.entries(targets)) {
      const tensor = results[name];
      if (id === null) continue;
      const slot = slotOf(this.program, id);
      if (!tensor || !tf.util.arraysEqual(tensor.shape, [...slot.shape])) {
        throw new ExecutorError(
          `${op.kind} returned the shape [${tensor?.shape}] for ${slot.name}, which has [${slot.shape}]`,
        );
      }
      this.#store(slot, tensor);
    }
  }

  #store(slot: Slot, tensor: tf.Tensor): void {
    if (slot.role === 'persistent') this.storage.replace(slot.name, tensor);
    else this.#transients.set(memoryOf(this.program, slot.id), tensor);
  }

  #free(slot: SlotId): void {
    this.#transients.get(slot)?.dispose();
    this.#transients.delete(slot);
  }
}
