import { elementCount } from '@trainyard/architectures';
import type { AnyOp } from './ops/declaration.js';
import type { Program } from './program.js';
import type { DataType, Slot, SlotId } from './slots.js';

/** Operands of an op, whatever its kind. */

const present = (operands: Readonly<Record<string, SlotId | null>> = {}): SlotId[] =>
  Object.values(operands).filter((slot) => slot !== null);

/** Slots that the op reads, those it updates in place included. */
export const slotsRead = (op: AnyOp): SlotId[] => [...present(op.in), ...slotsUpdated(op)];

/** Slots that the op writes whole without reading them. */
export const slotsWritten = (op: AnyOp): SlotId[] => present(op.out);

/** Slots that the op reads and writes in place. */
export const slotsUpdated = (op: AnyOp): SlotId[] => present(op.update);

/** Slots whose values the op changes. */
export const slotsChanged = (op: AnyOp): SlotId[] => [...slotsWritten(op), ...slotsUpdated(op)];

/** All slots that the op names. */
export const slotsNamed = (op: AnyOp): SlotId[] => [...slotsRead(op), ...slotsWritten(op)];

/** The same op on other slots. */
export function mapSlots<O extends AnyOp>(op: O, map: (slot: SlotId) => SlotId): O {
  const mapped = (operands: Readonly<Record<string, SlotId | null>>) =>
    Object.fromEntries(Object.entries(operands).map(([name, slot]) => [name, slot === null ? null : map(slot)]));
  return {
    ...op,
    in: mapped(op.in),
    ...(op.out ? { out: mapped(op.out) } : {}),
    ...(op.update ? { update: mapped(op.update) } : {}),
  };
}

type WithSlots = Pick<Program<AnyOp>, 'name' | 'slots'>;

/** The slot of a program by its id; throws on an id that the program does not have. */
export function slotOf(program: WithSlots, id: SlotId): Slot {
  const slot = program.slots[id];
  if (slot === undefined) throw new RangeError(`program ${program.name} has no slot ${id}`);
  return slot;
}

/** The slot whose memory a slot names: itself, or the slot that it is a view of. */
export const memoryOf = (program: WithSlots, id: SlotId): SlotId => slotOf(program, id).viewOf ?? id;

/** The ops that read each slot's memory, by itself or through a view, in the program's order; an op is listed once. */
export function readersByMemory<O extends AnyOp>(program: Program<O>): Map<SlotId, O[]> {
  const readers = new Map<SlotId, O[]>();
  for (const op of program.ops) {
    for (const memory of new Set(slotsRead(op).map((slot) => memoryOf(program, slot)))) {
      const known = readers.get(memory);
      if (known) known.push(op);
      else readers.set(memory, [op]);
    }
  }
  return readers;
}

/** The array in which values of a type are passed. */
export const arrayOf = { f32: Float32Array, i32: Int32Array, u8: Uint8Array } satisfies Record<DataType, unknown>;

/** Bytes of a slot's values. */
export const slotBytes = ({ shape, dtype }: Pick<Slot, 'shape' | 'dtype'>): number =>
  elementCount(shape) * arrayOf[dtype].BYTES_PER_ELEMENT;
