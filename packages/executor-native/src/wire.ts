import { type AnyOp, memoryOf, type Program, planMemory, type SlotId } from '@trainyard/program';
import type { NativeOp, NativeProgram } from './addon.js';

/** A program in the form that the addon reads: memory planned, fields flattened to numbers and texts. */
export function toNativeProgram(program: Program<AnyOp>): NativeProgram {
  const { offsets, bytes } = planMemory(program);
  const index = new Map(program.slots.map((slot, position) => [slot.id, position]));
  const indexOf = (id: SlotId): number => {
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

function toNativeOp({ kind, in: read, out, update, ...fields }: AnyOp, indexOf: (id: SlotId) => number): NativeOp {
  const indices = (operands: AnyOp['in'] = {}): Record<string, number> =>
    Object.fromEntries(Object.entries(operands).flatMap(([name, id]) => (id === null ? [] : [[name, indexOf(id)]])));
  const native: NativeOp = {
    kind,
    in: indices(read),
    out: indices(out),
    update: indices(update),
    numbers: {},
    texts: {},
  };
  for (const [name, value] of Object.entries(fields)) flatten(native, name, value);
  return native;
}

/** Adds a field: those of a record under `record.field`, nothing for null. */
function flatten(native: NativeOp, name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value === 'number') native.numbers[name] = [value];
  else if (typeof value === 'boolean') native.numbers[name] = [Number(value)];
  else if (typeof value === 'string') native.texts[name] = value;
  else if (Array.isArray(value)) native.numbers[name] = value.map(Number);
  else for (const [key, inner] of Object.entries(value)) flatten(native, `${name}.${key}`, inner);
}
