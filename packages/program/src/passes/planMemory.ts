import { memoryOf, slotBytes, slotOf, slotsNamed } from '../operands.js';
import type { AnyOp, OpTable } from '../ops/declaration.js';
import { ops } from '../ops/table.js';
import type { Program } from '../program.js';
import type { SlotId } from '../slots.js';

/** Bytes: the size of a cache line and of an AVX-512 register. */
const alignment = 64;

export interface MemoryPlan {
  /** Byte offset of every transient slot (views too: that of the slot they view) in one block of memory. */
  offsets: Map<SlotId, number>;
  /** Size of the block. */
  bytes: number;
}

/** A piece of memory and the slots that use it, one after the other. */
interface Piece {
  /** More than one where ops write their output over their input. */
  slots: SlotId[];
  bytes: number;
  /** Positions of the first and the last op that use the piece, both inclusive. */
  first: number;
  last: number;
}

/**
 * Places the transient slots of a step in one block so that slots that are in use at the same time never overlap,
 * except an output that is written over an input: the largest first, each at the lowest offset that is free during its
 * life (greedy by size, as in Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
 */
export function planMemory(program: Program<AnyOp>): MemoryPlan {
  const offsets = new Map<SlotId, number>();
  const bySize = pieces(program).sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  const placed = new PlacedPieces(bySize.length);
  for (const piece of bySize) {
    const offset = placed.place(piece);
    for (const slot of piece.slots) offsets.set(slot, offset);
  }
  for (const { id, viewOf } of program.slots) {
    const offset = viewOf === null ? undefined : offsets.get(viewOf);
    if (offset !== undefined) offsets.set(id, offset);
  }
  return { offsets, bytes: placed.bytes };
}

/**
 * The pieces that have a place, in the order of their offsets. In typed arrays, as each new piece is compared with all
 * of them: of a network of hundreds of layers, objects took ten times as long.
 */
class PlacedPieces {
  /** Size of the block. */
  bytes = 0;
  #count = 0;
  readonly #firsts: Int32Array;
  readonly #lasts: Int32Array;
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;

  /** @param most pieces */
  constructor(most: number) {
    [this.#firsts, this.#lasts] = [new Int32Array(most), new Int32Array(most)];
    [this.#starts, this.#ends] = [new Float64Array(most), new Float64Array(most)];
  }

  /** @returns the lowest offset that is free during the life of the piece, which has it from now on */
  place({ first, last, bytes }: Piece): number {
    let offset = 0;
    for (let i = 0; i < this.#count; i++) {
      if ((this.#lasts[i] as number) < first || last < (this.#firsts[i] as number)) continue;
      if (offset + bytes <= (this.#starts[i] as number)) break;
      offset = Math.max(offset, this.#ends[i] as number);
    }
    let index = this.#count;
    while (index > 0 && (this.#starts[index - 1] as number) > offset) index--;
    for (const [column, value] of [
      [this.#firsts, first],
      [this.#lasts, last],
      [this.#starts, offset],
      [this.#ends, offset + bytes],
    ] as const) {
      column.copyWithin(index + 1, index, this.#count);
      column[index] = value;
    }
    this.#count++;
    this.bytes = Math.max(this.bytes, offset + bytes);
    return offset;
  }
}

/** One piece for every transient slot that an op names; an output that is written in place shares its input's piece. */
function pieces(program: Program<AnyOp>): Piece[] {
  const bySlot = lives(program);
  program.ops.forEach((op, position) => {
    const { out, over } = inPlaceSlots(op);
    const output = out === null ? undefined : bySlot.get(memoryOf(program, out));
    // Only where no later op reads the input, and no earlier op wrote the output.
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

/** The output that the op may write in place, and the inputs over which it may; ops of an executor's own have none. */
function inPlaceSlots(op: AnyOp): { out: SlotId | null; over: SlotId[] } {
  const rule = (ops as OpTable)[op.kind]?.inPlace;
  if (!rule) return { out: null, over: [] };
  return {
    out: op.out?.[rule.out] ?? null,
    over: rule.over.map((name) => op.in[name] ?? null).filter((slot) => slot !== null),
  };
}

/** The life of every transient slot that an op names, from its first use to its last. */
function lives(program: Program<AnyOp>): Map<SlotId, Piece> {
  const pieces = new Map<SlotId, Piece>();
  program.ops.forEach((op, position) => {
    for (const named of slotsNamed(op)) {
      const slot = slotOf(program, memoryOf(program, named));
      if (slot.role !== 'transient') continue;
      const known = pieces.get(slot.id);
      const bytes = Math.ceil(slotBytes(slot) / alignment) * alignment;
      if (known) known.last = position;
      else pieces.set(slot.id, { slots: [slot.id], bytes, first: position, last: position });
    }
  });
  return pieces;
}
