import { bytesPerElement } from './executor.js';
import { elementCount, memoryOf, slotOf, slotsRead, slotsWritten } from './operands.js';
import { planMemory } from './passes/planMemory.js';
import type { DataType, Op, Program, Slot, SlotId } from './program.js';

/** A program as a person reads it: what is done in which order, with what, and where it lies. */
export interface ProgramOutline {
  name: string;
  ops: OpOutline[];
  /** Ops of the program as it was built that nobody needed, by kind. */
  dropped: string[];
  /** Size of the block that all transient slots share. */
  transientBytes: number;
  persistentBytes: number;
  feedBytes: number;
}

export interface OpOutline {
  kind: string;
  /** Kinds of the ops, as the program was built, whose work this one does; more than one where they were fused. */
  replaces: string[];
  /** All that is neither a slot nor null, e.g. a convolution's stride. */
  settings: Record<string, unknown>;
  reads: OperandOutline[];
  writes: OperandOutline[];
  /** Read and written in place. */
  updates: OperandOutline[];
}

export interface OperandOutline {
  /** What the slot is to the op, e.g. `x`. */
  operand: string;
  slot: string;
  shape: readonly number[];
  dtype: DataType;
  role: Slot['role'];
  /** First byte in the block of transient slots; null for slots that are not in it. */
  offset: number | null;
  bytes: number;
}

type Operands = Record<string, SlotId | null>;

/**
 * Outlines a program that is ready to run.
 * @param built the same program before any pass, to tell what became of its ops
 */
export function outlineProgram(program: Program, built: Program): ProgramOutline {
  const { offsets, bytes } = planMemory(program);
  const outlined = (operands: Operands): OperandOutline[] =>
    Object.entries(operands).flatMap(([operand, id]) => {
      if (id === null) return [];
      const { name, shape, dtype, role } = slotOf(program, id);
      const place = { offset: offsets.get(id) ?? null, bytes: bytesOf(slotOf(program, id)) };
      return [{ operand, slot: name, shape, dtype, role, ...place }];
    });
  const { replaced, dropped } = compare(program, built);
  const ops = program.ops.map((op, position): OpOutline => {
    const { kind, in: reads, ...rest } = op;
    const { out = {}, update = {}, ...settings } = rest as { out?: Operands; update?: Operands };
    return {
      kind,
      replaces: replaced[position] ?? [],
      settings: Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null)),
      reads: outlined(reads),
      writes: outlined(out),
      updates: outlined(update),
    };
  });
  const sum = (role: Slot['role']) =>
    program.slots.reduce((total, slot) => total + (slot.role === role ? bytesOf(slot) : 0), 0);
  const [persistentBytes, feedBytes] = [sum('persistent'), sum('feed')];
  return { name: program.name, ops, dropped, transientBytes: bytes, persistentBytes, feedBytes };
}

const bytesOf = ({ shape, dtype }: Slot): number => elementCount(shape) * bytesPerElement[dtype];

/**
 * Whose work each op does: that of every op of `built` which writes what it writes, and of those whose results are there for
 * such an op alone and no longer a slot. What is left over was dropped.
 */
function compare(program: Program, built: Program): { replaced: string[][]; dropped: string[] } {
  const names = (of: Program, slots: SlotId[]) => slots.map((slot) => slotOf(of, memoryOf(of, slot)).name);
  const changed = (op: Op): SlotId[] => [...slotsWritten(op), ...('update' in op ? present(op.update) : [])];
  const writer = new Map<string, number>();
  program.ops.forEach((op, position) => {
    for (const name of names(program, changed(op))) writer.set(`${kindOfWrite(op)} ${name}`, position);
  });
  const heir = new Map<Op, number>();
  const readers = readersOf(built);
  for (const op of built.ops.toReversed()) {
    const own = names(built, changed(op)).map((name) => writer.get(`${kindOfWrite(op)} ${name}`));
    const heirs = names(built, slotsWritten(op)).flatMap((name) =>
      (readers.get(name) ?? []).map((reader) => heir.get(reader)),
    );
    const found = [...own, ...heirs].find((position) => position !== undefined);
    if (found !== undefined) heir.set(op, found);
  }
  const replaced = program.ops.map((_, position) =>
    built.ops.filter((op) => heir.get(op) === position).map(({ kind }) => kind),
  );
  return { replaced, dropped: built.ops.filter((op) => !heir.has(op)).map(({ kind }) => kind) };
}

/** Several ops may update one slot; only ops of one kind stand for each other then. */
const kindOfWrite = (op: Op): string => ('out' in op && present(op.out).length > 0 ? 'write' : op.kind);

const present = (operands: Operands): SlotId[] => Object.values(operands).filter((slot) => slot !== null);

/** Which ops read each slot's memory. */
function readersOf(program: Program): Map<string, Op[]> {
  const readers = new Map<string, Op[]>();
  for (const op of program.ops) {
    for (const slot of slotsRead(op)) {
      const { name } = slotOf(program, memoryOf(program, slot));
      readers.set(name, [...(readers.get(name) ?? []), op]);
    }
  }
  return readers;
}
