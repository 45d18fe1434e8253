import { slotOf } from './operands.js';
import type { Op, Program, Slot, SlotId } from './program.js';

/**
 * A program as text, one line a slot that lives longer than a step and one a op:
 * `conv2d_1/y f32[20,28,28,6] = conv2d(x: images, w: conv2d_1/kernel, b: conv2d_1/bias) activation {"kind":"relu"}`.
 */
export function formatProgram(program: Program): string {
  const slots = program.slots.filter((slot) => slot.role !== 'transient' || slot.viewOf !== null);
  return [
    `program ${program.name}`,
    ...slots.map((slot) => `  ${formatSlot(slot, program)}`),
    ...program.ops.map((op) => `  ${formatOp(op, program)}`),
    '',
  ].join('\n');
}

const typed = (slot: Slot): string => `${slot.name} ${slot.dtype}[${slot.shape.join(',')}]`;

function formatSlot(slot: Slot, program: Program): string {
  return slot.viewOf === null
    ? `${slot.role} ${typed(slot)}`
    : `view ${typed(slot)} of ${slotOf(program, slot.viewOf).name}`;
}

function formatOp(op: Op, program: Program): string {
  const { kind, in: inputs, ...rest } = op;
  const { out = {}, update = {}, ...settings } = { out: undefined, update: undefined, ...rest };
  const name = (slot: SlotId | null) => (slot === null ? 'none' : slotOf(program, slot).name);
  const named = (operands: Record<string, SlotId | null>) =>
    Object.entries(operands).map(([operand, slot]) => `${operand}: ${name(slot)}`);
  const written = Object.values(out as Record<string, SlotId | null>).filter((slot) => slot !== null);
  const updated = Object.keys(update).length > 0 ? ` updates (${named(update).join(', ')})` : '';
  const set = Object.entries(settings)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key} ${JSON.stringify(value)}`)
    .join('');
  const target = written.length > 0 ? `${written.map((slot) => typed(slotOf(program, slot))).join(', ')} = ` : '';
  return `${target}${kind}(${named(inputs).join(', ')})${updated}${set}`;
}
