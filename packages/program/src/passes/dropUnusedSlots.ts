import { mapSlots, memoryOf, slotsRead, slotsWritten } from '../operands.js';
import type { Program, Slot, SlotId } from '../program.js';

/** Leaves out transient slots that no op names and numbers the rest anew. What the host feeds, reads or writes stays. */
export function dropUnusedSlots(program: Program): Program {
  const named = new Set<SlotId>();
  for (const op of program.ops) {
    for (const slot of [...slotsRead(op), ...slotsWritten(op)]) named.add(slot).add(memoryOf(program, slot));
  }
  const kept = program.slots.filter((slot) => slot.role !== 'transient' || named.has(slot.id));
  const ids = new Map(kept.map((slot, id) => [slot.id, id]));
  const renamed = (slot: SlotId): SlotId => {
    const id = ids.get(slot);
    if (id === undefined) throw new RangeError(`program ${program.name} has no slot ${slot}`);
    return id;
  };
  const slots: Slot[] = kept.map((slot, id) => ({
    ...slot,
    id,
    viewOf: slot.viewOf === null ? null : renamed(slot.viewOf),
  }));
  return { ...program, slots, ops: program.ops.map((op) => mapSlots(op, renamed)) };
}
