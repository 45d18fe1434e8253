import { slotOf } from '../operands.js';
import type { Op } from '../ops/table.js';
import type { Program } from '../program.js';
import type { DataType, Slot, SlotId, SlotInitializer } from '../slots.js';

type Shape = readonly number[];

/** Collects the slots and ops of one program. */
export class ProgramBuilder {
  readonly #slots: Slot[] = [];
  readonly #ops: Op[] = [];
  readonly #byName = new Map<string, SlotId>();
  #prefix = '';

  constructor(readonly name: string) {}

  /**
   * Puts `prefix/` before the names of the transient slots that `write` creates, so that the same layers can be emitted
   * twice.
   */
  within<T>(prefix: string, write: () => T): T {
    const outer = this.#prefix;
    this.#prefix = `${outer}${prefix}/`;
    try {
      return write();
    } finally {
      this.#prefix = outer;
    }
  }

  /** Creates a slot that lives within one step. */
  transient(name: string, shape: Shape, dtype: DataType = 'f32'): SlotId {
    return this.#add({ name: this.#prefix + name, shape, dtype, role: 'transient', viewOf: null, initializer: null });
  }

  /** Creates a slot for the elements of `slot` under another shape. */
  view(slot: SlotId, name: string, shape: Shape): SlotId {
    const { dtype, viewOf } = this.slot(slot);
    return this.#add({
      name: this.#prefix + name,
      shape,
      dtype,
      role: 'transient',
      viewOf: viewOf ?? slot,
      initializer: null,
    });
  }

  /** The slot of this name, created at the first call, that the host feeds before each step. */
  feed(name: string, shape: Shape, dtype: DataType): SlotId {
    const known = this.#byName.get(name);
    return known ?? this.#add({ name, shape, dtype, role: 'feed', viewOf: null, initializer: null });
  }

  /** The slot of this name, created at the first call, that outlives the program. */
  persistent(name: string, shape: Shape, dtype: DataType, initializer: SlotInitializer | null): SlotId {
    const known = this.#byName.get(name);
    return known ?? this.#add({ name, shape, dtype, role: 'persistent', viewOf: null, initializer });
  }

  emit(op: Op): void {
    this.#ops.push(op);
  }

  slot(id: SlotId): Slot {
    return slotOf(this.finish(), id);
  }

  finish(): Program {
    return { name: this.name, slots: this.#slots, ops: this.#ops };
  }

  #add(slot: Omit<Slot, 'id'>): SlotId {
    if (this.#byName.has(slot.name)) throw new Error(`program ${this.name} has two slots named ${slot.name}`);
    const id = this.#slots.length;
    this.#slots.push({ id, ...slot });
    this.#byName.set(slot.name, id);
    return id;
  }
}
