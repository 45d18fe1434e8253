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
  const placed: Uses[] = [];
  for (const op of program.ops) {
    const uses = usesOf(program, op);
    let place = placed.length;
    if (slotsWritten(op).length === 0) {
      while (place > 0 && !depends(uses, placed[place - 1] as Uses)) place--;
    }
    placed.splice(place, 0, uses);
  }
  return { ...program, ops: placed.map(({ op }) => op) };
};

/** An op and the memory of its operands, each once: an op is compared with thousands of others. */
interface Uses {
  op: Op;
  read: ReadonlySet<SlotId>;
  updated: readonly SlotId[];
  changed: readonly SlotId[];
}

function usesOf(program: Program, op: Op): Uses {
  const memories = (slots: SlotId[]) => new Set(slots.map((slot) => memoryOf(program, slot)));
  return {
    op,
    read: memories(slotsRead(op)),
    updated: [...memories(slotsUpdated(op))],
    changed: [...memories(slotsChanged(op))],
  };
}

/** Whether `op` must stay after `earlier`: one of them changes a slot that the other names. */
const depends = (op: Uses, earlier: Uses): boolean =>
  earlier.changed.some((memory) => op.read.has(memory)) || op.updated.some((memory) => earlier.read.has(memory));
