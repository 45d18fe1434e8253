import { memoryOf, type Op, type Program, planMemory } from '@trainyard/program';
import type { NativeOp, NativeProgram } from './addon.js';
import type { FusedOp } from './fuseConvPool.js';

/** A program in the form that the addon reads: memory planned, ops flattened to slots, numbers and texts. */
export function toNativeProgram(program: Program): NativeProgram {
  const { offsets, bytes } = planMemory(program);
  const index = new Map(program.slots.map((slot, position) => [slot.id, position]));
  const indexOf = (id: number): number => {
    const position = index.get(id);
    if (position === undefined) throw new RangeError(`program ${program.name} has no slot ${id}`);
    return position;
  };
  return {
    name: program.name,
    arenaBytes: bytes,
    slots: program.slots.map(({ id, name, shape, dtype, role }) => ({
      name,
      shape,
      dtype,
      role,
      root: indexOf(memoryOf(program, id)),
      offset: offsets.get(id) ?? 0,
    })),
    ops: program.ops.map((op) => toNativeOp(op, indexOf)),
  };
}

function toNativeOp(op: Op | FusedOp, indexOf: (id: number) => number): NativeOp {
  const { kind, in: read, ...rest } = op;
  const { out = {}, update = {}, ...attributes } = rest as { out?: Operands; update?: Operands };
  const native: NativeOp = { kind, slots: {}, numbers: {}, texts: {} };
  for (const [group, operands] of Object.entries({ in: read as Operands, out, update })) {
    for (const [name, id] of Object.entries(operands)) {
      if (id !== null) native.slots[`${group}.${name}`] = indexOf(id);
    }
  }
  for (const [name, value] of Object.entries(attributes)) flatten(native, name, value);
  return native;
}

type Operands = Record<string, number | null>;

function flatten(native: NativeOp, name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value === 'number') native.numbers[name] = [value];
  else if (typeof value === 'boolean') native.numbers[name] = [Number(value)];
  else if (typeof value === 'string') native.texts[name] = value;
  else if (Array.isArray(value)) native.numbers[name] = value.map(Number);
  else for (const [key, inner] of Object.entries(value)) flatten(native, `${name}.${key}`, inner);
}
