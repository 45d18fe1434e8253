import { readersByMemory, slotOf } from '../operands.js';
import type { Op, OpOf } from '../ops/table.js';
import type { SlotId } from '../slots.js';
import { dropUnusedSlots } from './dropUnusedSlots.js';
import type { Pass } from './pass.js';

/**
 * conv2d or dense, followed by an activation that is the only reader of its output, becomes one op. In a training step
 * that excludes gelu, whose gradient reads the pre-activation too.
 */
export const fuseActivation: Pass = (program) => {
  const readers = readersByMemory(program);
  const followers = new Map<SlotId, OpOf<'activation'>>();
  for (const op of program.ops) {
    if (op.kind !== 'activation' || slotOf(program, op.in.x).role !== 'transient') continue;
    if (readers.get(op.in.x)?.length === 1) followers.set(op.in.x, op);
  }
  const fused = new Set<Op>();
  const ops = program.ops.map((op) => {
    if ((op.kind !== 'conv2d' && op.kind !== 'dense') || op.activation !== null) return op;
    const follower = followers.get(op.out.y);
    if (follower === undefined) return op;
    fused.add(follower);
    return { ...op, out: follower.out, activation: follower.activation };
  });
  return dropUnusedSlots({ ...program, ops: ops.filter((op) => !fused.has(op)) });
};
