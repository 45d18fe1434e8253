import { mapSlots, memoryOf, slotsNamed } from '../operands.js';
import type { Program } from '../program.js';
import type { Slot, SlotId } from '../slots.js';

/**
 * Removes transient slots that no op names, and renumbers the others. Slots that the host feeds, reads or writes are
 * kept.
 */
export function dropUnusedSlots(program: Program): Program {
  const named = new Set<SlotId>();
  for (const op of program.ops) {
    for (const slot of slotsNamed(op)) named.add(slot).add(memoryOf(program, slot));
  }
  const kept = program.slots.filter((slot) => slot.role !== 'transient' || named.has(slot.id));
  const ids = new Map(kept.map((slot, id) => [slot.id, id]));
  const renumbered = (slot: SlotId): SlotId => {
    const id = ids.get(slot);
    if (id === undefined) throw new RangeError(`program ${program.name} has no slot ${slot}`);
    return id;
  };
  const slots: Slot[] = kept.map((slot, id) => ({
    ...slot,
    id,
    viewOf: slot.viewOf === null ? null : renumbered(slot.viewOf),
  }));
  return { ...program, slots, ops: program.ops.map((op) => mapSlots(op, renumbered)) };
}
