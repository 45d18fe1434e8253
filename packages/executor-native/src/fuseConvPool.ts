import {
  type Op,
  type OpKind,
  type OpOf,
  type Program,
  readersByMemory,
  type Slot,
  type SlotId,
  slotOf,
} from '@trainyard/program';
import type { FusedOp } from './fusedOps.js';

/** The longest row of a kernel, width times input channels, and the most output channels for which fusing is faster. */
const longestRow = 64;
const mostFilters = 16;

/**
 * Fuses conv2d with relu and a 2x2 max-pool into one op where channels are few: its kernel stores which pixel won each
 * pool instead of the map before the pool, and its gradient computes with the winners only.
 */
export function fuseConvPool(program: Program): Program<Op | FusedOp> {
  const readers = readersByMemory(program);
  const slots: Slot[] = [...program.slots];
  const replacements = new Map<Op, FusedOp | null>();
  for (const op of program.ops) {
    if (op.kind !== 'conv2d' || !suits(program, op)) continue;
    const group = groupOf(program, op, readers);
    if (group === null) continue;
    const winner = slots.length;
    const { shape, name } = slotOf(program, group.pool.out.y);
    slots.push({
      id: winner,
      name: `${name}/winner`,
      shape,
      dtype: 'u8',
      role: 'transient',
      viewOf: null,
      initializer: null,
    });
    const { convolution } = op;
    const out = { y: group.pool.out.y, winner };
    replacements.set(op, { kind: 'convReluPool', in: op.in, out, convolution });
    replacements.set(group.pool, null);
    if (group.backward === null) continue;
    const { poolGrad, reluGrad, gradFilter, gradInput } = group.backward;
    replacements.set(poolGrad, {
      kind: 'convReluPoolGrad',
      in: { x: op.in.x, w: op.in.w, dy: poolGrad.in.dy, winner },
      out: { ...gradFilter.out, dx: gradInput?.out.dx ?? null },
      convolution,
    });
    for (const gone of [reluGrad, gradFilter, gradInput]) if (gone) replacements.set(gone, null);
  }
  const ops = program.ops.map((op) => (replacements.has(op) ? (replacements.get(op) ?? null) : op));
  return { ...program, slots, ops: ops.filter((op) => op !== null) };
}

function suits(program: Program, { in: { w }, convolution, activation }: OpOf<'conv2d'>): boolean {
  const [, width = 0, channels = 0, filters = 0] = slotOf(program, w).shape;
  return (
    activation?.kind === 'relu' &&
    convolution.groups === 1 &&
    [...convolution.stride, ...convolution.dilation].every((distance) => distance === 1) &&
    width * channels <= longestRow &&
    filters <= mostFilters
  );
}

interface Group {
  pool: OpOf<'maxPool'>;
  /** null in programs without gradients. */
  backward: {
    poolGrad: OpOf<'maxPoolGrad'>;
    reluGrad: OpOf<'activationGrad'>;
    gradFilter: OpOf<'conv2dGradFilter'>;
    gradInput: OpOf<'conv2dGradInput'> | null;
  } | null;
}

/** The ops around a convolution's output; null where any other op reads it or the gradients between them. */
function groupOf(program: Program, conv: OpOf<'conv2d'>, readers: Map<SlotId, Op[]>): Group | null {
  if (slotOf(program, conv.out.y).role !== 'transient') return null;
  const around = only(readers.get(conv.out.y), ['maxPool', 'maxPoolGrad', 'activationGrad']);
  if (!around?.maxPool || !isTwoByTwo(around.maxPool)) return null;
  const pool = around.maxPool;
  const poolGrad = around.maxPoolGrad;
  const reluGrad = around.activationGrad;
  if (!poolGrad && !reluGrad) return { pool, backward: null };
  if (!poolGrad || !reluGrad || reluGrad.activation.kind !== 'relu') return null;
  if (poolGrad.in.x !== conv.out.y || poolGrad.in.y !== pool.out.y || reluGrad.in.saved !== conv.out.y) return null;
  if (!isTwoByTwo(poolGrad) || reluGrad.in.dy !== poolGrad.out.dx) return null;
  if (only(readers.get(poolGrad.out.dx), ['activationGrad'])?.activationGrad !== reluGrad) return null;
  const after = only(readers.get(reluGrad.out.dx), ['conv2dGradFilter', 'conv2dGradInput']);
  const gradFilter = after?.conv2dGradFilter;
  const gradInput = after?.conv2dGradInput ?? null;
  if (!gradFilter || gradFilter.in.x !== conv.in.x || (gradInput && gradInput.in.w !== conv.in.w)) return null;
  return { pool, backward: { poolGrad, reluGrad, gradFilter, gradInput } };
}

const isTwoByTwo = ({ window: { size, stride } }: OpOf<'maxPool' | 'maxPoolGrad'>): boolean =>
  [...size, ...stride].every((length) => length === 2);

/** The ops by kind; null if one is of another kind or a kind occurs twice. */
function only<K extends OpKind>(ops: readonly Op[] | undefined, kinds: readonly K[]): { [T in K]?: OpOf<T> } | null {
  const found: Partial<Record<OpKind, Op>> = {};
  for (const op of ops ?? []) {
    if (found[op.kind] !== undefined || !(kinds as readonly OpKind[]).includes(op.kind)) return null;
    found[op.kind] = op;
  }
  return found as { [T in K]?: OpOf<T> };
}
