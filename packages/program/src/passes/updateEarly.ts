import { memoryOf, slotsRead, slotsUpdated, slotsWritten } from '../operands.js';
import type { Op, Program, SlotId } from '../program.js';
import type { Pass } from './pass.js';

/**
 * Moves the ops that do nothing but update persistent slots (optimisers, averages, totals) up to the first place where
 * they give the same: behind whatever made their inputs and whatever still reads the old values. A weight's gradient is
 * then spent as soon as it is there, and its memory is the next one's.
 */
export const updateEarly: Pass = (program) => {
  const ops: Op[] = [];
  for (const op of program.ops) {
    let place = ops.length;
    if (slotsWritten(op).length === 0) {
      while (place > 0 && !depends(program, op, ops[place - 1] as Op)) place--;
    }
    ops.splice(place, 0, op);
  }
  return { ...program, ops };
};

/** Whether `op` must stay behind `earlier`: one of them changes what the other names. */
function depends(program: Program, op: Op, earlier: Op): boolean {
  const memories = (slots: SlotId[]) => new Set(slots.map((slot) => memoryOf(program, slot)));
  const [named, changed] = [memories(slotsRead(op)), memories(slotsUpdated(op))];
  const changedBefore = [...memories([...slotsWritten(earlier), ...slotsUpdated(earlier)])];
  const readBefore = [...memories(slotsRead(earlier))];
  return changedBefore.some((memory) => named.has(memory)) || readBefore.some((memory) => changed.has(memory));
}
