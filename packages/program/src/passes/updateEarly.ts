import { memoryOf, slotsChanged, slotsRead, slotsUpdated, slotsWritten } from '../operands.js';
import type { Op } from '../ops/table.js';
import type { Program } from '../program.js';
import type { SlotId } from '../slots.js';
import type { Pass } from './pass.js';

/**
 * Moves the ops that only update persistent slots (optimisers, averages, totals) up to the first place where the
 * result is the same: after all ops that compute their inputs and all that still read the old values. A weight's
 * gradient is then used as soon as it is computed, and the next gradient can use its memory.
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

/** Whether `op` must stay after `earlier`: one of them changes a slot that the other names. */
function depends(program: Program, op: Op, earlier: Op): boolean {
  const memories = (slots: SlotId[]) => new Set(slots.map((slot) => memoryOf(program, slot)));
  const [named, changed] = [memories(slotsRead(op)), memories(slotsUpdated(op))];
  const changedBefore = [...memories(slotsChanged(earlier))];
  const readBefore = [...memories(slotsRead(earlier))];
  return changedBefore.some((memory) => named.has(memory)) || readBefore.some((memory) => changed.has(memory));
}
