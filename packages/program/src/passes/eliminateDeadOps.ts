import { memoryOf, slotOf, slotsRead, slotsUpdated, slotsWritten } from '../operands.js';
import type { SlotId } from '../slots.js';
import { dropUnusedSlots } from './dropUnusedSlots.js';
import type { Pass } from './pass.js';

/** Removes ops whose results are never read, and transient slots that no op names. */
export const eliminateDeadOps: Pass = (program) => {
  const needed = new Set<SlotId>();
  const outlives = (slot: SlotId) => slotOf(program, slot).role === 'persistent';
  const ops = program.ops
    .toReversed()
    .filter((op) => {
      const writes = slotsWritten(op);
      const live = slotsUpdated(op).length > 0 || writes.some((slot) => outlives(slot) || needed.has(slot));
      if (live) for (const slot of slotsRead(op)) needed.add(memoryOf(program, slot));
      return live;
    })
    .toReversed();
  return dropUnusedSlots({ ...program, ops });
};
