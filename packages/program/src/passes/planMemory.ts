import { bytesPerElement } from '../executor.js';
import { elementCount, memoryOf, slotOf, slotsRead, slotsWritten } from '../operands.js';
import type { Program, SlotId } from '../program.js';

/** Cache lines, and what AVX-512 likes. */
const alignment = 64;

export interface MemoryPlan {
  /** Byte offset of every transient slot (views too: that of the slot they view) in one block of memory. */
  offsets: Map<SlotId, number>;
  /** Size of the block. */
  bytes: number;
}

interface Interval {
  slot: SlotId;
  bytes: number;
  /** Ops between which the slot holds something, both inclusive: an op's inputs and outputs never share memory. */
  first: number;
  last: number;
}

/**
 * Places the transient slots of a step in one block so that slots that hold something at the same time never overlap:
 * the largest first, each at the lowest offset that is free during its life (greedy by size, as in Pisarchyk and Lee,
 * "Efficient memory management for deep neural net inference", 2020).
 */
export function planMemory(program: Program): MemoryPlan {
  const offsets = new Map<SlotId, number>();
  const placed: (Interval & { offset: number })[] = [];
  for (const interval of lives(program).sort((a, b) => b.bytes - a.bytes || a.slot - b.slot)) {
    const rivals = placed
      .filter((other) => other.first <= interval.last && interval.first <= other.last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const rival of rivals) {
      if (offset + interval.bytes <= rival.offset) break;
      offset = Math.max(offset, rival.offset + rival.bytes);
    }
    placed.push({ ...interval, offset });
    offsets.set(interval.slot, offset);
  }
  for (const { id, viewOf } of program.slots) {
    const offset = viewOf === null ? undefined : offsets.get(viewOf);
    if (offset !== undefined) offsets.set(id, offset);
  }
  return { offsets, bytes: placed.reduce((end, { offset, bytes }) => Math.max(end, offset + bytes), 0) };
}

/** The life of every transient slot that an op names, from its first use to its last. */
function lives(program: Program): Interval[] {
  const intervals = new Map<SlotId, Interval>();
  program.ops.forEach((op, position) => {
    for (const named of [...slotsRead(op), ...slotsWritten(op)]) {
      const slot = slotOf(program, memoryOf(program, named));
      if (slot.role !== 'transient') continue;
      const known = intervals.get(slot.id);
      const size = elementCount(slot.shape) * bytesPerElement[slot.dtype];
      const bytes = Math.ceil(size / alignment) * alignment;
      if (known) known.last = position;
      else intervals.set(slot.id, { slot: slot.id, bytes, first: position, last: position });
    }
  });
  return [...intervals.values()];
}
