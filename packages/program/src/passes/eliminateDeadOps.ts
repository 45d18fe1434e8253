import { memoryOf, slotOf, slotsRead, slotsUpdated, slotsWritten } from '../operands.js';
import type { SlotId } from '../program.js';
import { dropUnusedSlots } from './dropUnusedSlots.js';
import type { Pass } from './pass.js';

/** Leaves out ops whose results nobody reads, and transient slots that no op names. */
export const eliminateDeadOps: Pass = (program) => {
  const wanted = new Set<SlotId>();
  const outlives = (slot: SlotId) => slotOf(program, slot).role === 'persistent';
  const ops = program.ops
    .toReversed()
    .filter((op) => {
      const writes = slotsWritten(op);
      const live = slotsUpdated(op).length > 0 || writes.some((slot) => outlives(slot) || wanted.has(slot));
      if (live) for (const slot of slotsRead(op)) wanted.add(memoryOf(program, slot));
      return live;
    })
    .toReversed();
  return dropUnusedSlots({ ...program, ops });
};
