import { memoryOf, readersByMemory, slotBytes, slotOf, slotsChanged, slotsWritten } from './operands.js';
import type { AnyOp } from './ops/declaration.js';
import { planMemory } from './passes/planMemory.js';
import type { Program } from './program.js';
import type { DataType, Slot, SlotId } from './slots.js';

/** A program for people to read: its ops in their order, their operands, and where these are in memory. */
export interface ProgramOutline {
  name: string;
  ops: OpOutline[];
  /** Kinds of the ops, of the program before any pass, that were removed because nothing reads their results. */
  dropped: string[];
  /** Size of the block that all transient slots share. */
  transientBytes: number;
  persistentBytes: number;
  feedBytes: number;
}

export interface OpOutline {
  kind: string;
  /** Kinds of the ops, of the program before any pass, that this op computes; more than one where they were fused. */
  replaces: string[];
  /** Fields that are not null, e.g. a convolution's stride. */
  settings: Record<string, unknown>;
  reads: OperandOutline[];
  writes: OperandOutline[];
  /** Read and written in place. */
  updates: OperandOutline[];
}

export interface OperandOutline {
  /** The op's name for the slot, e.g. `x`. */
  operand: string;
  slot: string;
  shape: readonly number[];
  dtype: DataType;
  role: Slot['role'];
  /** First byte in the block of transient slots; null for slots that are not in it. */
  offset: number | null;
  bytes: number;
}

/**
 * Outlines a program that is ready to run.
 * @param built the same program before any pass: shows which of its ops were fused or dropped
 */
export function outlineProgram(program: Program<AnyOp>, built: Program): ProgramOutline {
  const { offsets, bytes } = planMemory(program);
  const outlined = (operands: AnyOp['in'] = {}): OperandOutline[] =>
    Object.entries(operands).flatMap(([operand, id]) => {
      if (id === null) return [];
      const slot = slotOf(program, id);
      const { name, shape, dtype, role } = slot;
      return [{ operand, slot: name, shape, dtype, role, offset: offsets.get(id) ?? null, bytes: slotBytes(slot) }];
    });
  const { replaced, dropped } = compare(program, built);
  const ops = program.ops.map((op, position): OpOutline => {
    const { kind, in: reads, out, update, ...settings } = op;
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
    program.slots.reduce((total, slot) => total + (slot.role === role ? slotBytes(slot) : 0), 0);
  return {
    name: program.name,
    ops,
    dropped,
    transientBytes: bytes,
    persistentBytes: sum('persistent'),
    feedBytes: sum('feed'),
  };
}

/**
 * Finds the op of `program` that computes each op of `built`: the one that writes the same slots or, where fusion
 * removed those slots, the one that computes the first reader of the op's results. Ops without one were dropped.
 */
function compare(program: Program<AnyOp>, built: Program): { replaced: string[][]; dropped: string[] } {
  const names = (of: Program<AnyOp>, slots: SlotId[]) => slots.map((slot) => slotOf(of, memoryOf(of, slot)).name);
  const writer = new Map<string, number>();
  program.ops.forEach((op, position) => {
    for (const name of names(program, slotsChanged(op))) writer.set(`${kindOfWrite(op)} ${name}`, position);
  });
  const replacement = new Map<AnyOp, number>();
  const readers = readersByMemory(built);
  for (const op of built.ops.toReversed()) {
    const own = names(built, slotsChanged(op)).map((name) => writer.get(`${kindOfWrite(op)} ${name}`));
    const ofReaders = slotsWritten(op)
      .flatMap((slot) => readers.get(memoryOf(built, slot)) ?? [])
      .map((reader) => replacement.get(reader));
    const found = [...own, ...ofReaders].find((position) => position !== undefined);
    if (found !== undefined) replacement.set(op, found);
  }
  const replaced = program.ops.map((_, position) =>
    built.ops.filter((op) => replacement.get(op) === position).map(({ kind }) => kind),
  );
  return { replaced, dropped: built.ops.filter((op) => !replacement.has(op)).map(({ kind }) => kind) };
}

/** Several ops may update one slot; then only an op of the same kind can be the replacement. */
const kindOfWrite = (op: AnyOp): string => (slotsWritten(op).length > 0 ? 'write' : op.kind);
