import { bytesPerElement } from '../executor.js';
import { inPlace } from '../inPlace.js';
import { elementCount, memoryOf, slotOf, slotsRead, slotsWritten } from '../operands.js';
import type { Op, Program, SlotId } from '../program.js';

/** Cache lines, and what AVX-512 likes. */
const alignment = 64;

export interface MemoryPlan {
  /** Byte offset of every transient slot (views too: that of the slot they view) in one block of memory. */
  offsets: Map<SlotId, number>;
  /** Size of the block. */
  bytes: number;
}

/** A piece of memory and what lies in it, one slot after the other. */
interface Piece {
  /** More than one where ops write their output over their input. */
  slots: SlotId[];
  bytes: number;
  /** Ops between which the piece holds something, both inclusive. */
  first: number;
  last: number;
}

/**
 * Places the transient slots of a step in one block so that slots that hold something at the same time never overlap,
 * but for an output that is written over an input: the largest first, each at the lowest offset that is free during its
 * life (greedy by size, as in Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
 */
export function planMemory(program: Program): MemoryPlan {
  const offsets = new Map<SlotId, number>();
  const placed: (Piece & { offset: number })[] = [];
  for (const piece of pieces(program).sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    const rivals = placed
      .filter((other) => other.first <= piece.last && piece.first <= other.last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const rival of rivals) {
      if (offset + piece.bytes <= rival.offset) break;
      offset = Math.max(offset, rival.offset + rival.bytes);
    }
    placed.push({ ...piece, offset });
    for (const slot of piece.slots) offsets.set(slot, offset);
  }
  for (const { id, viewOf } of program.slots) {
    const offset = viewOf === null ? undefined : offsets.get(viewOf);
    if (offset !== undefined) offsets.set(id, offset);
  }
  return { offsets, bytes: placed.reduce((end, { offset, bytes }) => Math.max(end, offset + bytes), 0) };
}

/** The memory that the step needs: a piece for every transient slot that an op names, but one for those written in place. */
function pieces(program: Program): Piece[] {
  const bySlot = lives(program);
  program.ops.forEach((op, position) => {
    const { out, over } = inPlaceSlots(op);
    const output = out === null ? undefined : bySlot.get(memoryOf(program, out));
    // Nothing can be written over what is still to be read, nor a slot that holds something already.
    if (output?.first !== position) return;
    const input = over
      .map((slot) => bySlot.get(memoryOf(program, slot)))
      .find((piece) => piece?.last === position && piece.bytes === output.bytes);
    if (input === undefined) return;
    input.slots.push(...output.slots);
    input.last = output.last;
    for (const slot of output.slots) bySlot.set(slot, input);
  });
  return [...new Set(bySlot.values())];
}

/** What the op may write in place, and over which slots. */
function inPlaceSlots(op: Op): { out: SlotId | null; over: SlotId[] } {
  const rule = inPlace[op.kind] as { out: string; over: readonly string[] } | undefined;
  if (rule === undefined || !('out' in op)) return { out: null, over: [] };
  const [inputs, outputs] = [op.in, op.out] as Record<string, SlotId | null>[];
  return {
    out: outputs?.[rule.out] ?? null,
    over: rule.over.map((name) => inputs?.[name] ?? null).filter((slot) => slot !== null),
  };
}

/** The life of every transient slot that an op names, from its first use to its last. */
function lives(program: Program): Map<SlotId, Piece> {
  const pieces = new Map<SlotId, Piece>();
  program.ops.forEach((op, position) => {
    for (const named of [...slotsRead(op), ...slotsWritten(op)]) {
      const slot = slotOf(program, memoryOf(program, named));
      if (slot.role !== 'transient') continue;
      const known = pieces.get(slot.id);
      const size = elementCount(slot.shape) * bytesPerElement[slot.dtype];
      const bytes = Math.ceil(size / alignment) * alignment;
      if (known) known.last = position;
      else pieces.set(slot.id, { slots: [slot.id], bytes, first: position, last: position });
    }
  });
  return pieces;
}
