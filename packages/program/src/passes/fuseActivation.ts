import { memoryOf, slotOf, slotsRead } from '../operands.js';
import type { Op, Program, SlotId } from '../program.js';
import { dropUnusedSlots } from './dropUnusedSlots.js';
import type { Pass } from './pass.js';

/**
 * conv2d or dense, followed by an activation that alone reads its output, becomes one op. In a training step that leaves
 * out gelu, whose gradient reads the pre-activation too.
 */
export const fuseActivation: Pass = (program) => {
  const readers = countReaders(program);
  const followers = new Map<SlotId, Extract<Op, { kind: 'activation' }>>();
  for (const op of program.ops) {
    if (op.kind !== 'activation' || slotOf(program, op.in.x).role !== 'transient') continue;
    if (readers.get(op.in.x) === 1) followers.set(op.in.x, op);
  }
  const gone = new Set<Op>();
  const fused = program.ops.map((op) => {
    if ((op.kind !== 'conv2d' && op.kind !== 'dense') || op.activation !== null) return op;
    const follower = followers.get(op.out.y);
    if (follower === undefined) return op;
    gone.add(follower);
    return { ...op, out: follower.out, activation: follower.activation };
  });
  return dropUnusedSlots({ ...program, ops: fused.filter((op) => !gone.has(op)) });
};

/** How often the ops read each slot's memory, by itself or through a view. */
function countReaders(program: Program): Map<SlotId, number> {
  const counts = new Map<SlotId, number>();
  for (const op of program.ops) {
    for (const slot of slotsRead(op)) {
      const memory = memoryOf(program, slot);
      counts.set(memory, (counts.get(memory) ?? 0) + 1);
    }
  }
  return counts;
}
