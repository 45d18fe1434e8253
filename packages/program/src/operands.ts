import type { Op, Program, Slot, SlotId } from './program.js';

/** What an op reads and writes, without knowing its kind. */

const present = (operands: Record<string, SlotId | null>): SlotId[] =>
  Object.values(operands).filter((slot) => slot !== null);

/** Slots that the op reads, those it updates in place included. */
export const slotsRead = (op: Op): SlotId[] => [...present(op.in), ...slotsUpdated(op)];

/** Slots that the op writes whole without reading them. */
export const slotsWritten = (op: Op): SlotId[] => ('out' in op ? present(op.out) : []);

/** Slots that the op reads and writes in place. */
export const slotsUpdated = (op: Op): SlotId[] => ('update' in op ? present(op.update) : []);

/** The same op on other slots. */
export function mapSlots(op: Op, map: (slot: SlotId) => SlotId): Op {
  const mapped = (operands: Record<string, SlotId | null>) =>
    Object.fromEntries(Object.entries(operands).map(([name, slot]) => [name, slot === null ? null : map(slot)]));
  return {
    ...op,
    in: mapped(op.in),
    ...('out' in op ? { out: mapped(op.out) } : {}),
    ...('update' in op ? { update: mapped(op.update) } : {}),
  } as Op;
}

/** The slot of a program by its id; throws on an id that the program does not have. */
export function slotOf(program: Program, id: SlotId): Slot {
  const slot = program.slots[id];
  if (slot === undefined) throw new RangeError(`program ${program.name} has no slot ${id}`);
  return slot;
}

/** The slot whose memory a slot names: itself, or what it is a view of. */
export const memoryOf = (program: Program, id: SlotId): SlotId => slotOf(program, id).viewOf ?? id;

/** Number of elements; 1 for a scalar. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
